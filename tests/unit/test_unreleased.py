"""A release that changed nothing, for a reason that is not its version, is refused in every view: never rolled back."""

from collections.abc import Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from tests.builders import NOON, a_plan, a_target
from tests.failing import raising, refused
from tests.fakes.small_aws import Crash, SmallAws, small_aws, take_on
from tidegate.aws.lambda_ import aliases
from tidegate.aws.ledger import index, items, notes, records
from tidegate.domain import errors
from tidegate.domain.alias import AliasState
from tidegate.domain.errors import OF_PEOPLE, OF_THE_VERSION, InvalidRequest, VersionNotActive
from tidegate.domain.rollout.proof import NOT_PROVEN
from tidegate.domain.schedule import MINUTE, format_time
from tidegate.report.load import load
from tidegate.report.markdown import markdown
from tidegate.report.model import Report
from tidegate.report.page import page
from tidegate.steps import roll_back, settle, shift
from tidegate_cli import known_aliases
from tidegate_cli.commands import history
from tidegate_cli.ending import Ending, ending_of
from tidegate_cli.outcome import Outcome
from tidegate_cli.release_state import ExecutionState, Sight

NAME = "checkout-7"
EXECUTION = f"arn:aws:states:eu-west-1:123456789012:execution:tidegate-release:{NAME}"
QUOTA = (
    "An error occurred (CodeStorageExceededException) when calling the PublishVersion operation: Code storage limit."
)
CHANGED_NOTHING = [
    ("AwsRefused", QUOTA, Outcome.FAILED),
    ("AwsBusy", "An error occurred (TooManyRequestsException): Rate exceeded", Outcome.FAILED),
    ("Lambda.AWSLambdaException", "The step broke.", Outcome.FAILED),
    ("StepTimedOut", "States.Timeout", Outcome.FAILED),
    ("KeyError", "'a mistake of ours'", Outcome.FAILED),
    ("UpdateFailed", "Lambda rejected the update of checkout: S3 Error Code: NoSuchKey.", Outcome.REFUSED),
    ("ReferenceUnresolved", "/shop/key is outside of what the stack may read.", Outcome.REFUSED),
    ("CannotProbe", "AccessDenied", Outcome.REFUSED),
    ("LatestChanged", "$LATEST of checkout was changed.", Outcome.REFUSED),
    ("Frozen", "It is frozen.", Outcome.REFUSED),
    ("VersionNotActive", "SubnetOutOfIPAddresses: no address is left", Outcome.REFUSED),
]


@pytest.fixture
def aws() -> Iterator[SmallAws]:
    """A release of one function under way; nothing has shifted."""
    with small_aws() as aws:
        aws.moved("checkout", "42")
        plan = a_plan(a_target("checkout", canary=None))
        take_on(NAME, EXECUTION, plan)
        items.record_target(NAME, "checkout:live", "43", NOON, expires=plan.expires, details={})
        yield aws


def undone(error: str, cause: str, state: str = "Prepare versions") -> dict[str, Any]:
    reason = {"error": error, "cause": cause, "state": state}
    return roll_back.handler({"release": NAME, "now": format_time(NOON + 5 * MINUTE), "reason": reason}, None)


def ending(error: str, cause: str) -> Ending:
    found = ending_of(Sight(NAME, ExecutionState("FAILED", error, cause), items.items(NAME)))
    assert found
    return found


def reported() -> Report:
    return load(NAME, items.everything(NAME), now=NOON + 6 * MINUTE)


@pytest.mark.parametrize(("error", "cause", "outcome"), CHANGED_NOTHING)
def test_what_says_nothing_of_the_version_is_refused_or_failed_with_its_sentence(
    error: str, cause: str, outcome: Outcome, aws: SmallAws
) -> None:
    told = undone(error, cause)
    assert told["error"] == error
    ended = ending(error, told["cause"])
    assert (ended.outcome, ended.targets[0].version) == (outcome, "42")
    assert cause.rstrip(".") in ended.sentence
    assert "No request has reached the new version" in ended.sentence
    kinds = {item["kind"]: item for item in items.items(NAME) if "kind" in item}
    assert kinds.keys() & {"refused", "rolled-back"} == {"refused"}
    assert kinds["refused"]["error"] == error
    assert aliases.read("checkout", "live").state == AliasState("42")  # type: ignore[union-attr]  # it is there


def test_every_view_says_so(aws: SmallAws) -> None:
    undone("AwsRefused", QUOTA)
    for shown in (markdown(reported()), page(reported())):
        assert "checkout:live: refused" in shown
        assert "CodeStorageExceededException" in shown
        assert "olled back" not in shown.partition("</header>")[0]
    record = records.record_of(NAME)
    assert record
    row = history.row_of(history._document(NAME, "checkout:live", record), labels=False)
    assert row[1] == "refused"
    assert QUOTA[:-1] in row[-1]


@pytest.mark.parametrize("error", sorted(OF_THE_VERSION - {"VersionFailed"}))
def test_a_version_that_is_bad_is_rolled_back(error: str, aws: SmallAws) -> None:
    undone(error, "It does not start.")
    assert ending(error, "").outcome is Outcome.ROLLED_BACK


def test_a_release_that_was_rolled_back_after_its_promotion_is_in_no_view_promoted(aws: SmallAws) -> None:
    """Its proof stays in its record."""
    notes.note_proof(NAME, NOT_PROVEN, ())
    undone("VersionFailed", "It is worse.", "Look back")
    record = records.record_of(NAME)
    assert record
    assert record["proof"] == NOT_PROVEN
    document = history._document(NAME, "checkout:live", record)
    assert (history.row_of(document, labels=False)[1], history._style(document)) == ("rolled-back", {})
    last = index.LastRelease(NAME, record["ended"], NOON, record["proof"])
    assert known_aliases._ago(last, NOON + MINUTE) == "rolled back 1 min ago"


@pytest.mark.parametrize("error", sorted(OF_PEOPLE))
def test_what_people_end_is_rolled_back(error: str, aws: SmallAws) -> None:
    undone(error, "Somebody ended it.", "Before traffic")
    assert ending(error, "").outcome is Outcome.ROLLED_BACK


def test_a_release_that_has_shifted_is_rolled_back_whatever_the_reason(aws: SmallAws) -> None:
    shift.handler({"release": NAME, "now": format_time(NOON), "step": 0, "tried": format_time(NOON)}, None)
    undone("AwsRefused", "AccessDenied", "Compare versions")
    assert ending("AwsRefused", "").outcome is Outcome.ROLLED_BACK


def test_a_shift_that_aws_refused_changed_nothing(aws: SmallAws) -> None:
    undone("AwsRefused", "not authorized to perform: lambda:UpdateAlias", "Shift traffic")
    assert ending("AwsRefused", "").outcome is Outcome.FAILED


def test_a_shift_that_moved_an_alias_and_could_not_say_so_is_rolled_back(
    aws: SmallAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(shift, "tell_shift", raising(refused("AccessDeniedException")))
        with pytest.raises(errors.AwsRefused):
            shift.handler({"release": NAME, "now": format_time(NOON), "step": 0, "tried": format_time(NOON)}, None)
    with monkeypatch.context() as patched:
        patched.setattr(roll_back, "tell_event", raising(refused("ThrottlingException")))
        with pytest.raises(errors.AwsBusy):
            undone("AwsRefused", "AccessDenied", "Shift traffic")
    undone("AwsRefused", "AccessDenied", "Shift traffic")
    assert ending("AwsRefused", "").outcome is Outcome.ROLLED_BACK


def test_a_roll_back_that_is_cut_off_and_tried_again_tells_one_ending(aws: SmallAws) -> None:
    begun = dict(aws.items)
    for calls in range(40):
        aws.items = dict(begun)
        aws.moved("checkout", "42")
        aws.allow(calls)
        with suppress(Crash):
            undone("AwsRefused", "AccessDenied", "Shift traffic")
        aws.allow(None)
        undone("AwsRefused", "AccessDenied", "Shift traffic")
        kinds = {item["kind"] for item in items.items(NAME) if "kind" in item}
        assert kinds & {"refused", "rolled-back"} == {records.read(NAME).ended}


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        ("FunctionError.RuntimeInitError: x", errors.InitFailed),
        ("FunctionError.InitTimeout: x", errors.InitTimedOut),
        ("FunctionError.ExtensionInitError: x", errors.ExtensionFailed),
        ("FunctionError.InvalidEntryPoint: x", errors.CannotExecute),
        ("FunctionError.SomethingNew: x", errors.InitFailed),
        ("InvalidImage: x", errors.InitFailed),
        ("EniLimitExceeded: x", VersionNotActive),
        ("InsufficientRolePermissions: x", VersionNotActive),
        ("no reason given", VersionNotActive),
    ],
)
def test_a_version_is_blamed_for_what_is_in_it(reason: str, error: type[Exception]) -> None:
    version: Any = SimpleNamespace(state_reason=reason)
    assert type(settle._failure("It failed.", version)) is error


def test_every_name_is_one_that_there_is() -> None:
    there = {*vars(errors)} | {
        "ApprovalExpired",
        "DeadlinePassed",
        "HoldExpired",
        "VersionFailed",
        "Superseded",
    }
    assert there >= OF_THE_VERSION | OF_PEOPLE
    assert InvalidRequest.__name__ not in OF_THE_VERSION | OF_PEOPLE
