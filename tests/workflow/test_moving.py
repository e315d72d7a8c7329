"""docs/moving.md, from its very text: an alias that a stack owns is handed over, released, and not moved back."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from localcloud.deploy.template import transformed
from tests.pages.documents import blocks
from tests.workflow.world import World


class Owner:
    """Whoever deploys a stack of one function, with the templates of the page."""

    def __init__(self, world: World, folder: Path, name: str, parameters: Mapping[str, str]) -> None:
        self.name = name
        self._world, self._folder, self._parameters = world, folder, dict(parameters)
        self._formation = world.cloud.client("cloudformation")
        self._deploys = self._formation.create_stack

    def deploy(self, template: str, code: str) -> None:
        folder = self._folder / code
        (folder / "checkout").mkdir(parents=True, exist_ok=True)
        (folder / "checkout/app.py").write_text(f"def handler(event, context): return {code!r}")
        path = folder / "template.yaml"
        path.write_text(
            template.replace("FunctionName: checkout", f"FunctionName: {self.name}").replace("'one'", repr(code))
        )
        self._deploys(
            StackName=self.name,
            TemplateBody=json.dumps(transformed(path, self._parameters, "us-east-1")),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in self._parameters.items()],
        )
        self._deploys = self._formation.update_stack
        assert self._formation.describe_stacks(StackName=self.name)["Stacks"][0]["StackStatus"].endswith("_COMPLETE")

    @property
    def version_id(self) -> str:
        """The logical id of the version's resource, as the page says to read it."""
        found = self._formation.list_stack_resources(StackName=self.name)["StackResourceSummaries"]
        (version,) = [each for each in found if each["ResourceType"] == "AWS::Lambda::Version"]
        return str(version["LogicalResourceId"])

    @property
    def live(self) -> Any:
        """What the alias answers: the version's number, and what its code gives."""
        answer = self._world.cloud.client("lambda").invoke(FunctionName=self.name, Qualifier="live")
        return answer["ExecutedVersion"], json.load(answer["Payload"])

    def release(self) -> str:
        request = {"function": self.name, "strategy": "all-at-once", "analysis": {"after": {"on_worse": "ignore"}}}
        return self._world.start(request).wait().status


def template(name: str) -> str:
    (found,) = [block.content for block in blocks("yaml") if block.comment == f"template: {name}"]
    return found


@pytest.mark.filterwarnings("ignore:Tried to parse AWS..CodeDeploy")
def test_an_alias_of_a_sam_template_is_handed_over_and_stays_where_tidegate_puts_it(
    world: World, tmp_path: Path
) -> None:
    owner = Owner(world, tmp_path, "shop-moving-sam", {})
    before, after = template("sam before"), template("sam after")
    owner.deploy(before, "one")
    owner.deploy(before, "two")
    assert owner.live == ("2", "two"), "it is the stack that moves the alias"
    characters = owner.version_id.removeprefix("CheckoutVersion")
    assert re.fullmatch(r"[0-9a-f]{10}", characters)
    pinned = after.replace("0123456789", characters)
    owner.deploy(pinned, "two")
    assert owner.live == ("2", "two"), "the hand-over changes nothing"
    _stays(owner, pinned)


def test_an_alias_of_a_plain_template_is_handed_over_and_stays_where_tidegate_puts_it(
    world: World, tmp_path: Path
) -> None:
    role = world.target(None).latest["Role"]
    owner = Owner(world, tmp_path, "shop-moving-plain", {"Role": role})
    owner.deploy(template("cloudformation before"), "one")
    owner.deploy(template("cloudformation after"), "one")
    assert owner.live == ("1", "one"), "the hand-over changes nothing"
    _stays(owner, template("cloudformation after"))


def _stays(owner: Owner, template: str) -> None:
    was = owner.live
    owner.deploy(template, "three")
    assert owner.live == was, "a deployment does not move the alias any more"
    assert owner.release() == "SUCCEEDED"
    released = owner.live
    assert released[1] == "three"
    owner.deploy(template, "four")
    assert owner.live == released, "nor does one after a release"
