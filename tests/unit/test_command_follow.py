"""What happens to the command while it follows a release."""

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError

from tests.builders import a_plan, a_target
from tests.failing import raising, refused
from tidegate.aws.lambda_ import aliases
from tidegate.domain.alias import AliasState
from tidegate.domain.ledger_items import ReleaseItems
from tidegate_cli import running
from tidegate_cli.ci import Ci
from tidegate_cli.command import Shared
from tidegate_cli.follow import Follower, Wish
from tidegate_cli.outcome import Outcome
from tidegate_cli.release_state import ExecutionState, Sight
from tidegate_cli.stack import Stack
from tidegate_cli.views.view import Silent

MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:tidegate-release"


@pytest.mark.parametrize(
    ("look", "abort", "outcome", "said"),
    [
        (raising(KeyError("ours")), None, Outcome.UNKNOWN, "The command itself failed (KeyError: 'ours')"),
        (raising(KeyboardInterrupt()), None, Outcome.INTERRUPTED, "Interrupted"),
        (
            raising(KeyboardInterrupt()),
            raising(NoCredentialsError()),
            Outcome.INTERRUPTED,
            "The release could not be aborted: ",
        ),
        (raising(KeyboardInterrupt()), raising(KeyError("ours")), Outcome.UNKNOWN, "The command itself failed"),
    ],
)
def test_whatever_happens_to_the_command_is_not_the_end_of_the_release(
    look: Callable[[], Sight],
    abort: Callable[[], None] | None,
    outcome: Outcome,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(running, "Eye", lambda *_: SimpleNamespace(release="r", look=look))
    monkeypatch.setattr(time, "sleep", raising(AssertionError("it waits")))
    monkeypatch.setattr(running, "_abort", lambda *_: abort and abort())
    shared = Shared("tidegate", None, None, json=False, quiet=False, verbose=False)
    shared.__dict__["stack"] = Stack("tidegate", {"StateMachineArn": MACHINE}, {})
    report = running.follow(shared, "r", Wish(abort_on_interrupt=abort is not None), Ci())
    assert report.ending.outcome is outcome
    assert report.ending.sentence.startswith(said)
    assert report.ending.sentence.endswith("The release continues; to follow it: tidegate watch r")
    assert ("Traceback" in capsys.readouterr().err) == (outcome is Outcome.UNKNOWN)


def ended_long_ago(
    monkeypatch: pytest.MonkeyPatch, record: dict[str, Any], serves: Callable[..., Any]
) -> tuple[Outcome, str | None, str]:
    """Give how a release that was over before it was looked at is told: outcome, version that serves, sentence."""
    plan = a_plan(a_target("shop", snapshot=AliasState("1"), canary="2")).document()
    item = {"sk": "record", "started": 0, "status": "promoted", "labels": {}, "plan": plan, **record}
    eye: Any = SimpleNamespace(look=lambda: Sight("r", ExecutionState("FAILED", "VersionFailed"), ReleaseItems([item])))
    monkeypatch.setattr(aliases, "read", serves)
    ending = Follower(eye, Silent(), Wish(), resume="", link="").follow()
    return ending.outcome, ending.targets[0].version, ending.sentence


def serving(state: AliasState | None) -> Callable[..., Any]:
    return lambda *_: SimpleNamespace(state=state) if state else None


RELEASED = {"ended": "released", "outcome": "shop:live is on version 2."}
UNDONE = {"ended": "rolled-back", "outcome": "It failed."}


@pytest.mark.parametrize(
    ("record", "state", "expected"),
    [
        (RELEASED, AliasState("2"), (Outcome.RELEASED, "2", "shop:live is on version 2.")),
        (RELEASED, AliasState("9"), (Outcome.RELEASED, "9", "since: shop:live is 100 % on version 9.")),
        (RELEASED, AliasState("2", {"3": 0.1}), (Outcome.RELEASED, None, "shop:live is version 2 with 10 % on 3.")),
        (RELEASED, None, (Outcome.RELEASED, None, "That has changed since: shop:live is gone.")),
        (UNDONE, AliasState("1"), (Outcome.ROLLED_BACK, "1", "It failed.")),
        (UNDONE, AliasState("2"), (Outcome.ROLLED_BACK, "2", "It failed. That has changed since: shop:live is 100 %")),
        (UNDONE, None, (Outcome.ROLLED_BACK, None, "shop:live is gone.")),
        ({**UNDONE, "ended": "superseded"}, AliasState("7"), (Outcome.SUPERSEDED, "7", "It failed.")),
    ],
)
def test_a_late_look_tells_the_alias_as_it_is(
    record: dict[str, Any],
    state: AliasState | None,
    expected: tuple[Outcome, str | None, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outcome, version, sentence = ended_long_ago(monkeypatch, record, serving(state))
    assert (outcome, version) == expected[:2]
    assert expected[2] in sentence


def test_a_late_look_that_may_not_read_the_alias_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    outcome, version, sentence = ended_long_ago(monkeypatch, RELEASED, raising(refused("AccessDeniedException")))
    assert (outcome, version) == (Outcome.RELEASED, None)
    assert "The current state of the aliases could not be read: " in sentence
