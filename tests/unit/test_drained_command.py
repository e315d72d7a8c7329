"""`tidegate drained` on a ledger in memory."""

import json
from collections.abc import Iterator

import pytest
from click.testing import CliRunner

from tests.builders import NOON, a_plan, a_target
from tests.fakes.small_aws import SmallAws, small_aws, take_on
from tests.fakes.stack import STACK
from tidegate.aws.ledger import items, records
from tidegate.domain.schedule import HOUR
from tidegate_cli import release_state
from tidegate_cli.command import Shared
from tidegate_cli.main import main
from tidegate_cli.release_state import ExecutionState

NAME = "checkout-7"
SAID = {
    "draining": "Draining: version 42 of checkout:live was called at 2027-01-15T12:02:00Z, through checkout:42",
    "drained": "Drained: version 42 of checkout:live was last called at 2027-01-15T12:02:00Z",
    "not-drained": "Not drained after 1 d: version 42 of checkout:live: checkout:beta routes 100 % of its calls to it",
}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallAws]:
    """Give a ledger with a release that went from version 42 to 43 and watches."""
    monkeypatch.setattr(Shared, "connect", lambda _: None)
    monkeypatch.setattr(Shared, "stack", STACK)
    monkeypatch.setattr(release_state, "describe", lambda _: ExecutionState("RUNNING"))
    with small_aws() as aws:
        take_on(NAME, "execution", a_plan(a_target(), drain_minutes=60))
        records.commit_promotion(NAME, NOON)
        aws.moved("checkout", "43")
        yield aws


def close(outcome: str = "released") -> None:
    records.close(NAME, outcome, "checkout:live is on version 43", NOON)


def check(kind: str, at: int = NOON + HOUR) -> None:
    target = {"target": "checkout:live", "version": "42", "last": NOON + 120, "still": ""}
    items.record_event(NAME, at, kind, NOON + 400 * HOUR, {"summary": SAID[kind], "targets": [target]})


def drained() -> tuple[int, str]:
    called = CliRunner().invoke(main, ["drained", NAME])
    return called.exit_code, called.output.strip()


@pytest.mark.usefixtures("aws")
def test_it_exits_with_zero_once_no_old_version_runs() -> None:
    close()
    code, said = drained()
    assert code == 1
    assert said.startswith("Draining: the first check is due")
    check("draining")
    assert drained() == (1, SAID["draining"])
    check("drained", NOON + 2 * HOUR)
    assert drained() == (0, SAID["drained"])


def test_it_exits_with_one_when_an_alias_has_gone_back_since(aws: SmallAws) -> None:
    close()
    check("drained")
    aws.moved("checkout", "44", v42=0.1)
    assert drained() == (1, "It was drained, but checkout:live is version 44 with 10 % on 42 again")


@pytest.mark.usefixtures("aws")
def test_it_names_what_still_runs_at_the_limit() -> None:
    close()
    check("not-drained")
    assert drained() == (1, SAID["not-drained"])


@pytest.mark.usefixtures("aws")
def test_nobody_watches_once_the_execution_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    close()
    check("draining")
    monkeypatch.setattr(release_state, "describe", lambda _: ExecutionState("ABORTED"))
    said = f"{SAID['draining']}. The execution is ABORTED, so nothing watches any more: redrive it."
    assert drained() == (1, said)


@pytest.mark.usefixtures("aws")
def test_a_release_that_has_not_replaced_its_old_versions_is_not_drained() -> None:
    assert drained() == (1, "The release is promoted: its old versions serve.")
    close("rolled-back")
    assert drained() == (1, "The release is rolled-back: its old versions serve.")


def test_a_release_that_did_not_watch_says_how_to(aws: SmallAws) -> None:
    aws.items["release#checkout-7", "record"]["plan"]["M"]["drain_minutes"] = {"N": "0"}
    close()
    code, said = drained()
    assert (code, '"drain": {"watch": true}' in said) == (1, True)


@pytest.mark.usefixtures("aws")
def test_as_json_it_gives_the_last_call_of_each_target() -> None:
    close()
    check("drained")
    called = CliRunner().invoke(main, ["drained", NAME, "--json"])
    _, document = map(json.loads, called.stdout.splitlines())
    assert document["drained"] is True
    last = {"target": "checkout:live", "version": "42", "last": "2027-01-15T12:02:00Z", "still": ""}
    assert document["targets"] == [last]
