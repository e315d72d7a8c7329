"""What happens to the command while it follows a release."""

import time
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from botocore.exceptions import NoCredentialsError

from tests.failing import raising
from tidegate_cli import running
from tidegate_cli.ci import Ci
from tidegate_cli.follow import Wish
from tidegate_cli.frame import Shared
from tidegate_cli.outcome import Outcome
from tidegate_cli.sight import Sight
from tidegate_cli.stack import Stack

MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:tidegate-release"


@pytest.mark.parametrize(
    ("look", "abort", "outcome", "said"),
    [
        (raising(KeyError("ours")), None, Outcome.UNKNOWN, "The command itself failed (KeyError: 'ours')"),
        (raising(KeyboardInterrupt()), None, Outcome.INTERRUPTED, "Interrupted"),
        (raising(KeyboardInterrupt()), raising(NoCredentialsError()), Outcome.INTERRUPTED, "It could not be aborted: "),
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
    assert report.ending.sentence.endswith("The release goes on by itself; look again with: tidegate watch r")
    assert ("Traceback" in capsys.readouterr().err) == (outcome is Outcome.UNKNOWN)
