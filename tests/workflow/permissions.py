"""What of template.yaml's permissions the tests needed: at the end of a whole run, all of it.

Each process of pytest-xdist has a cloud of its own, so each notes what its roles needed, and the controller
puts that together.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

if TYPE_CHECKING:  # pytest-xdist's controller puts the notes together, and needs no cloud
    from localcloud import LocalCloud
    from localcloud.deploy import Deployment
    from localcloud.front.gate import Grant

EXEMPT = {"DeliverLogs", "ReadImages"}
"""Step Functions delivers logs itself; no call of ours needs it. The local cloud's ECR has no links to layers."""
NOTES = pytest.StashKey[list[Any]]()
SELECTED = pytest.StashKey[bool]()


class Permission(NamedTuple):
    """One action on one resource of one statement; `role` is its logical id.

    The resource is told by its place in the statement: its ARN is another in each cloud.
    """

    role: str
    sid: str
    action: str
    place: int


def note(session: pytest.Session, cloud: "LocalCloud", stack: "Deployment") -> None:
    """Hand on what this process' roles may do and what of it they needed, if it ran a part of the whole suite."""
    if not _is_whole(session):
        return
    given = dict(_given(cloud, stack))
    needed = {one for call in list(cloud.calls) for grant in call.grants for one in _needed(grant, stack, given)}
    noted = json.dumps([list(given), sorted(needed)])
    output: Any = getattr(session.config, "workeroutput", None)  # of pytest-xdist, in its workers
    if output is None:
        session.config.stash.setdefault(NOTES, []).append(noted)
    else:
        output["permissions"] = noted


def noted_by_worker(config: pytest.Config, output: dict[str, Any]) -> None:
    if "permissions" in output:
        config.stash.setdefault(NOTES, []).append(output["permissions"])


def unneeded(config: pytest.Config) -> list[Permission]:
    """Give what template.yaml permits and no process of a whole run needed; nothing if there was no whole run."""
    given, needed = set[Permission](), set[Permission]()
    for noted in config.stash.get(NOTES, []):
        ours, used = json.loads(noted)
        given |= {Permission(*one) for one in ours}
        needed |= {Permission(*one) for one in used}
    return sorted(given - needed)


def _is_whole(session: pytest.Session) -> bool:
    here = set(Path(__file__).parent.glob("test_*.py"))
    named = any("::" in argument for argument in session.config.args)
    return here <= {item.path for item in session.items} and not named and SELECTED not in session.config.stash


def _given(cloud: "LocalCloud", stack: "Deployment") -> Iterator[tuple[Permission, str]]:
    """Read the roles as deployed; with each permission goes the ARN.

    Raises AssertionError if a condition left a statement of the template out.
    """
    from localcloud.iam import stored
    from tests.reading import listed

    for role, sids in _written().items():
        arn = cloud.client("iam").get_role(RoleName=stack.resources[role])["Role"]["Arn"]
        documents = [json.loads(text) for text in stored.identity_policies(arn).values()]
        # Those of AWS's own policies have no name.
        found = [each for document in documents for each in listed(document["Statement"]) if "Sid" in each]
        assert {each["Sid"] for each in found} == sids, f"{role}: not everything is switched on"
        for each in found:
            if each["Effect"] == "Allow" and each["Sid"] not in EXEMPT:
                for action in listed(each["Action"]):
                    for place, arn_pattern in enumerate(listed(each["Resource"])):
                        yield Permission(role, each["Sid"], action, place), arn_pattern


def _written() -> dict[str, set[str]]:
    from tests.reading import functions, resources, statements

    roles = {**functions(), **resources("AWS::Serverless::StateMachine")}
    return {f"{name}Role": {each["Sid"] for each in statements(role)} for name, role in roles.items()}


def _needed(grant: "Grant", stack: "Deployment", given: Mapping[Permission, str]) -> Iterator[Permission]:
    """Give the permission without which the action would have been refused, if there is one such."""
    from localcloud.iam.matching import action_like, arn_like

    if len(grant.statements) != 1:
        return
    name, _, statement = grant.statements[0].partition("/")
    sid = statement.rpartition("/")[2]
    fitting = [
        one
        for one, arn in given.items()
        if (stack.resources[one.role], one.sid) == (name, sid)
        and action_like(grant.action, one.action)
        and arn_like(grant.resource, arn)
    ]
    # `shop-*` covers versions too, since * takes a colon: `shop-*:*` is what they are meant by.
    if fitting:
        yield max(fitting, key=lambda one: len(given[one]))
