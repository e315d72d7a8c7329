"""Sentences that end in what AWS or a function said: with one dot, whatever that ends with."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.builders import NOON, a_plan, a_target, a_verdict
from tests.failing import raising, refused
from tests.unit.probing import error, judged, raised
from tidegate.aws.cloudwatch import expected_traffic, version_counts
from tidegate.aws.ending import unrestored
from tidegate.aws.lambda_ import invocations
from tidegate.aws.ledger import index, locks
from tidegate.domain.control.decision import Decision, Kind
from tidegate.domain.control.decision_rules import Ruling, answer, next_weight
from tidegate.domain.errors import CannotProbe
from tidegate.domain.judge import Verdict
from tidegate.steps import probe, settle
from tidegate_cli.commands import doctor
from tidegate_cli.error_sentences import stop_for
from tidegate_cli.follow import Follower, Wish
from tidegate_cli.views.view import Silent

THROTTLED = refused("TooManyRequestsException", 429, "Rate Exceeded.")
SAID = str(THROTTLED)


def of_the_probe(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(invocations, "probe_client", lambda _: SimpleNamespace(invoke=raising(THROTTLED)))
    with pytest.raises(CannotProbe) as failed:
        invocations.probe("shop", "7", "r", {}, 3)
    return str(failed.value)


def of_a_version(_: pytest.MonkeyPatch) -> str:
    found: Any = SimpleNamespace(state="Failed", state_reason=f"ImageDeleted: {SAID}")
    event: Any = SimpleNamespace(target=SimpleNamespace(function="shop", version="7", stable="6"))
    with pytest.raises(Exception, match="failed") as failed:
        settle._version(event, found)
    return str(failed.value)


def of_a_handler(_: pytest.MonkeyPatch) -> str:
    return str(probe._failure(judged(raised(error("Runtime.ImportModuleError", SAID))), "there"))


def of_what_cannot_be_restored(monkeypatch: pytest.MonkeyPatch) -> str:
    told: list[str] = []
    monkeypatch.setattr(unrestored, "tell_event", lambda *call: told.append(call[-1]["summary"]))
    monkeypatch.setattr(locks, "mark_refused", lambda *_: None)
    release: Any = SimpleNamespace(name="r", plan=SimpleNamespace(expires=1))
    lock: Any = SimpleNamespace(refused="", target="shop:live", release="r")
    unrestored.tell(release, lock, THROTTLED, NOON)
    return told[0]


def of_metrics(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr("tidegate.aws.cloudwatch.version_counts.analysis_state.read", lambda _: {})
    monkeypatch.setattr(version_counts, "_gather", raising(THROTTLED))
    kept: Any = SimpleNamespace(baselines={})
    release: Any = SimpleNamespace(plan=a_plan(), shifts=[SimpleNamespace(at=NOON)])
    (reading,) = version_counts.gather(release, kept, NOON).readings.values()
    return a_verdict(Verdict.NO_DATA, problem=reading.problem).explanation()


def of_the_outlook(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(expected_traffic, "_traffic", raising(THROTTLED))
    return str(expected_traffic.look_ahead(a_plan(a_target()), NOON).problem) + "."


def of_the_command(_: pytest.MonkeyPatch) -> str:
    return str(stop_for(THROTTLED))


def of_what_cannot_be_seen(_: pytest.MonkeyPatch) -> str:
    denied = ClientError({"Error": {"Code": "AccessDenied", "Message": "Rate Exceeded."}}, "DescribeExecution")
    eye: Any = SimpleNamespace(look=raising(denied))
    return Follower(eye, Silent(), Wish(), resume="tidegate watch r", link="").follow().sentence


@pytest.mark.parametrize(
    "sentence",
    [
        of_the_probe,
        of_a_version,
        of_a_handler,
        of_what_cannot_be_restored,
        of_metrics,
        of_the_outlook,
        of_the_command,
        of_what_cannot_be_seen,
    ],
)
def test_a_sentence_has_one_dot(sentence: Callable[[pytest.MonkeyPatch], str], monkeypatch: pytest.MonkeyPatch) -> None:
    said = sentence(monkeypatch)
    assert "Rate Exceeded." in said
    assert ".." not in said


@pytest.mark.parametrize(
    ("running", "said"),
    [([], "no release is running; "), (["a", "a"], "1 release is running; "), (["a", "b"], "2 releases are running; ")],
)
def test_the_doctor_says_what_runs_in_words(running: list[str], said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "read_all", lambda: [SimpleNamespace(release=name) for name in running])
    monkeypatch.setattr(index, "listed", lambda: iter(()))
    assert doctor._ledger() == f"{said}there has been no release yet"


@pytest.mark.parametrize(("to", "written"), [(100.0, 100), (30.0, 30), (12.5, 12.5), (next_weight([10], 10), 100)])
def test_a_whole_number_is_written_as_one(to: float, written: float) -> None:
    order: Any = SimpleNamespace(release="r", decision="promote")
    told = answer(order, Ruling(True, "So it is.", Decision(Kind.PROMOTE, "ana", "", "command", NOON, to)))
    assert repr(told["to"]) == repr(written)
