"""A change of $LATEST whose answer was lost, told from a change by somebody else."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError

from tests.builders import NOON, SETTINGS
from tests.failing import refused
from tidegate.aws.lambda_ import functions
from tidegate.aws.ledger import locks
from tidegate.domain.errors import AwsBusy, LatestChanged
from tidegate.domain.schedule import format_time
from tidegate.steps import update

DIGEST = "4f" * 32
IMAGE = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/checkout@sha256:{DIGEST}"
ZIPPED = {"s3_bucket": "builds", "s3_key": "checkout.zip"}
Meanwhile = Callable[["FakeLambda"], None]


def sha256(content: str) -> str:
    return base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()


class FakeLambda:
    """One function's $LATEST. The zip file of a request holds `build`; answers may be lost."""

    def __init__(self) -> None:
        self.revision, self.status = 7, "Successful"
        self.code, self.settings = sha256("before"), {"MemorySize": 128, "Timeout": 3}
        self.build = "wanted"
        self.meanwhile: Meanwhile | None = None
        self.updates = 0

    def get_function(self, FunctionName: str) -> dict[str, Any]:
        return {"Configuration": self._shown()}

    def _shown(self) -> dict[str, Any]:
        return {
            "Version": "$LATEST",
            "State": "Active",
            "LastUpdateStatus": self.status,
            "RevisionId": str(self.revision),
            "CodeSha256": self.code,
            "ConfigSha256": sha256(str(self.settings)),
            **self.settings,
        }

    def update_function_code(self, **asked: Any) -> dict[str, Any]:
        code = asked["ImageUri"].partition("@sha256:")[2] if "ImageUri" in asked else sha256(self.build)
        if asked.get("DryRun"):
            return {**self._shown(), "CodeSha256": code}
        return self._update(asked["RevisionId"], lambda: setattr(self, "code", code))

    def update_function_configuration(
        self,
        FunctionName: str,
        RevisionId: str,
        **asked: Any,
    ) -> dict[str, Any]:
        return self._update(RevisionId, lambda: self.settings.update(asked))

    def _update(self, revision: str, change: Callable[[], None]) -> dict[str, Any]:
        if revision != str(self.revision):
            raise refused("PreconditionFailedException", 412)
        self.updates += 1
        self.touch(change)
        if self.meanwhile:
            meanwhile, self.meanwhile = self.meanwhile, None
            meanwhile(self)
        return self._shown()

    def touch(self, change: Callable[[], None] = lambda: None) -> None:
        change()
        self.revision += 1


def lost(_latest: FakeLambda) -> None:
    raise ConnectionClosedError(endpoint_url="https://lambda")


def lost_while_in_progress(latest: FakeLambda) -> None:
    latest.status = "InProgress"
    raise ConnectionClosedError(endpoint_url="https://lambda")


@pytest.fixture
def latest(monkeypatch: pytest.MonkeyPatch) -> FakeLambda:
    fake = FakeLambda()
    monkeypatch.setattr(functions, "lambda_client", lambda: fake)
    monkeypatch.setattr(locks, "require", lambda _targets, _release: None)
    return fake


def asked(latest: FakeLambda, **request: Any) -> dict[str, Any]:
    """Give the event of a change that follows a look at a settled $LATEST."""
    shown = latest._shown()
    target = {
        "function": "checkout",
        "alias": "live",
        "stable": "42",
        "expires": NOON,
        "pending": [next(iter(request))],
        "revision_id": shown["RevisionId"],
        "code_sha256": shown["CodeSha256"],
        "config_sha256": shown["ConfigSha256"],
    }
    asked = {"function": "checkout", **request}
    return {
        "release": "checkout-7",
        "now": format_time(NOON),
        "target": target,
        "request": asked,
        "settings": SETTINGS,
    }


def tried_twice(latest: FakeLambda, event: dict[str, Any], meanwhile: Meanwhile) -> dict[str, Any]:
    """Lose the answer of the first try, and give what the second one finds."""
    latest.meanwhile = meanwhile
    with pytest.raises(AwsBusy):
        update.handler(event, None)
    return update.handler(event, None)


CHANGES: tuple[dict[str, Any], ...] = (
    {"code": ZIPPED},
    {"code": {"image_uri": IMAGE}},
    {"configuration": {"memory_size": 512}},
)


@pytest.mark.parametrize("lose", [lost, lost_while_in_progress])
@pytest.mark.parametrize("request_", CHANGES)
def test_our_own_change_whose_answer_was_lost_is_recognised(
    request_: dict[str, Any], lose: Meanwhile, latest: FakeLambda
) -> None:
    found = tried_twice(latest, asked(latest, **request_), lose)
    assert (found["pending"], found["applied"], found["next"]) == ([], [*request_], "settle")
    assert latest.updates == 1


def others_code(latest: FakeLambda) -> None:
    latest.touch(lambda: setattr(latest, "code", sha256("somebody else's")))
    lost(latest)


def others_setting(latest: FakeLambda) -> None:
    latest.touch(lambda: latest.settings.update(Timeout=900))
    lost(latest)


def another_memory_size(latest: FakeLambda) -> None:
    latest.touch(lambda: latest.settings.update(MemorySize=1024))
    lost(latest)


@pytest.mark.parametrize(
    ("request_", "meanwhile"),
    [
        ({"code": ZIPPED}, others_code),
        ({"code": ZIPPED}, others_setting),
        ({"code": {"image_uri": IMAGE}}, others_code),
        ({"configuration": {"memory_size": 512}}, others_code),
        ({"configuration": {"memory_size": 512}}, another_memory_size),
    ],
)
def test_what_somebody_else_changed_meanwhile_is_never_taken_for_ours(
    request_: dict[str, Any], meanwhile: Meanwhile, latest: FakeLambda
) -> None:
    with pytest.raises(LatestChanged, match="was changed by someone else"):
        tried_twice(latest, asked(latest, **request_), meanwhile)


def test_an_update_that_somebody_else_began_after_our_look_is_not_waited_for_and_taken_over(
    latest: FakeLambda,
) -> None:
    event = asked(latest, configuration={"memory_size": 512})
    latest.touch(lambda: setattr(latest, "status", "InProgress"))
    with pytest.raises(LatestChanged):
        update.handler(event, None)
    assert latest.updates == 0


def test_before_the_first_change_an_update_by_others_is_waited_for(latest: FakeLambda) -> None:
    latest.status = "InProgress"
    event = asked(latest, code=ZIPPED)
    event["target"] |= {"revision_id": None, "code_sha256": None, "config_sha256": None}
    found = update.handler(event, None)
    assert (found["pending"], found["summary"]) == (["code"], "checkout: another update is still in progress")


def test_a_first_change_is_made_to_what_is_there_when_it_is_made(latest: FakeLambda) -> None:
    """Somebody deploys between our look and our call."""
    event = asked(latest, code=ZIPPED)
    event["target"] |= {"revision_id": None, "code_sha256": None, "config_sha256": None}
    real = latest.get_function

    def deployed_after_the_look(FunctionName: str) -> dict[str, Any]:
        shown = real(FunctionName)
        if not latest.updates and latest.revision == 7:
            latest.touch()
        return shown

    latest.get_function = deployed_after_the_look  # type: ignore[method-assign] # on this one fake
    assert update.handler(event, None)["applied"] == ["code"]
    assert latest.updates == 1
