"""The state machine as it is written: nothing can hang, nothing fails uncaught, and each step is there."""

import re
from importlib import import_module
from typing import Any

import pytest

from tests.builders import NOON
from tests.reading import ROOT, Document, definition, function_of, functions, listed, machine, statements, states, tasks
from tidegate.aws import failures
from tidegate.domain import errors, hooks
from tidegate.domain.planning.plan_builder import OUTER_LIMIT
from tidegate.domain.request.limits import Settings
from tidegate.domain.schedule import DAY, MINUTE, next_tick
from tidegate.entry.recover import GRACE, LONGEST_STEP

LAMBDA_ERRORS = [
    "Lambda.ClientExecutionTimeoutException",
    "Lambda.ServiceException",
    "Lambda.AWSLambdaException",
    "Lambda.SdkClientException",
]
BUSY = ["Lambda.TooManyRequestsException", "AwsBusy"]
"""Both together: transient errors of Lambda that every Task should retry (Step Functions guide, "Best practices")."""

WAKING = [
    "Lambda.CodeArtifactUserDeletedException",
    "Lambda.CodeArtifactUserPendingException",
    "Lambda.ResourceConflictException",
    "Lambda.ResourceNotReadyException",
]
"""What Invoke answers while a function that was idle wakes up; ours have no VPC and no SnapStart."""

STEPS = sorted(
    path.stem for path in (ROOT / "functions/tidegate/steps").glob("*.py") if "\ndef handler(" in path.read_text()
)
CHANGES = re.compile(r"lambda:(Update|Create|Publish|Put|Delete)|dynamodb:(Update|Delete)")
"""What moves aliases, versions and locks; notes in the ledger (PutItem) do no harm late."""

each_state = pytest.mark.parametrize("name", states())
each_task = pytest.mark.parametrize("name", tasks())


def retries(name: str) -> list[Document]:
    found: list[Document] = tasks()[name]["Retry"]
    return found


def test_the_machine_speaks_jsonata_and_ends_at_last() -> None:
    assert definition()["QueryLanguage"] == "JSONata"
    assert 0 < definition()["TimeoutSeconds"] == OUTER_LIMIT <= 365 * 86_400


@each_state
def test_every_state_says_what_it_is_for(name: str) -> None:
    assert len(states()[name]["Comment"]) > 10


@each_task
def test_a_task_invokes_a_published_version(name: str) -> None:
    """An upgrade of Tidegate must not mix into a running release."""
    assert tasks()[name]["Resource"] == "arn:${Partition}:states:::lambda:invoke"
    assert function_of(tasks()[name]) in functions()
    assert machine()["DefinitionSubstitutions"][function_of(tasks()[name])] == {
        "Ref": f"{function_of(tasks()[name])}.Version"
    }


def test_plan_is_given_every_setting_of_the_deployment() -> None:
    given = tasks()["Plan"]["Arguments"]["Payload"]["settings"]
    assert set(given) == set(Settings.model_fields)
    assert {value.strip("${}") for value in given.values()} <= set(machine()["DefinitionSubstitutions"])


@each_task
def test_a_task_is_over_when_its_function_is(name: str) -> None:
    """A function that outlives its Task could write after the release has gone on."""
    assert functions()[function_of(tasks()[name])]["Timeout"] < tasks()[name]["TimeoutSeconds"]


@each_task
def test_a_task_is_tried_again_after_each_transient_error_of_lambda(name: str) -> None:
    assert retries(name)[0]["ErrorEquals"] == LAMBDA_ERRORS
    assert retries(name)[1]["ErrorEquals"] == BUSY
    assert hasattr(errors, "AwsBusy")


@each_task
def test_a_task_waits_until_its_function_has_woken_up(name: str) -> None:
    """For five minutes at least, evenly: a function that was idle for weeks is back after two."""
    asked = {"Probe": [["VersionWakingUp", "HookWakingUp"], ["StillProvisioning"]], "Run hooks": [["HookWakingUp"]]}
    assert [retry["ErrorEquals"] for retry in waking(name)] == [WAKING, *asked.get(name, [])]
    for retry in waking(name)[:2]:
        assert set(map(str, longest_pauses(retry))) == {"30.0"}
        assert 300 <= sum(longest_pauses(retry)) <= 360
    assert {f"Lambda.{code}" for code in failures.WAKING} >= set(WAKING)
    assert retries(name).index(waking(name)[0]) == 2, "before whatever catches all"


def test_an_environment_that_is_being_provisioned_is_waited_for_twenty_minutes() -> None:
    """Lambda gives the init of one 15 minutes at most, and takes a minute or two before."""
    (patient,) = (retry for retry in retries("Probe") if retry["ErrorEquals"] == ["StillProvisioning"])
    assert 17 * 60 <= sum(longest_pauses(patient)) <= 21 * 60


def test_a_version_that_is_switched_off_or_out_of_reach_is_not_waited_for() -> None:
    (refused,) = (retry for retry in retries("Probe") if "CannotProbe" in retry["ErrorEquals"])
    assert 120 <= sum(longest_pauses(refused)) <= 150
    assert refused["JitterStrategy"] == "NONE", "which halves them on average"


def test_the_pauses_between_the_tries_of_a_hook_are_those_that_a_release_has_time_for() -> None:
    failing, idle = (
        next(retry for retry in retries("Run hooks") if name in retry["ErrorEquals"])
        for name in ("HookFailed", "HookWakingUp")
    )
    assert failing["MaxAttempts"] == hooks.TRIES - 1
    assert sum(longest_pauses(failing)) <= hooks.PAUSES * MINUTE
    assert sum(longest_pauses(idle)) <= hooks.WAKING * MINUTE


@each_task
def test_tries_spread_out_and_end(name: str) -> None:
    spread = [retry for retry in retries(name) if retry["JitterStrategy"] != "NONE"]
    assert len(spread) > 1
    for retry in spread:
        assert retry["JitterStrategy"] == "FULL"
        assert retry["BackoffRate"] > 1
        assert retry["IntervalSeconds"] >= 1
        assert 1 <= retry["MaxAttempts"] <= 8
        assert retry["MaxDelaySeconds"] <= 60


def waking(name: str) -> list[Document]:
    return [retry for retry in retries(name) if retry["BackoffRate"] == 1]


def longest_pauses(retry: Document) -> list[float]:
    """Give how long each pause may be; with full jitter, it is half as long on average."""
    lengths = [retry["IntervalSeconds"] * retry["BackoffRate"] ** number for number in range(retry["MaxAttempts"])]
    return [min(length, retry.get("MaxDelaySeconds", length)) for length in lengths]


@pytest.mark.parametrize("name", [name for name in tasks() if name != "Roll back"])
def test_a_task_outlives_a_busy_account(name: str) -> None:
    assert 2 * 120 <= sum(longest_pauses(retries(name)[1])) <= 2 * 150


def test_a_roll_back_that_is_throttled_is_left_to_recover_after_a_minute() -> None:
    assert 30 <= sum(longest_pauses(retries("Roll back")[1])) <= 60


def test_only_what_is_safe_to_repeat_for_long_is_tried_again_whatever_went_wrong() -> None:
    again = {name for name in tasks() for retry in retries(name) if "States.ALL" in retry["ErrorEquals"]}
    assert again == {"Follow regions", "Roll back"}


@pytest.mark.parametrize("name", [*tasks(), "Prepare versions"])
def test_every_error_is_caught(name: str) -> None:
    """States.ALL stands alone and last, and does not cover States.DataLimitExceeded (Amazon States Language)."""
    caught = [(catch["ErrorEquals"], catch["Next"]) for catch in states()[name]["Catch"]]
    assert [errors for errors, _ in caught] == [["States.DataLimitExceeded"], ["States.ALL"]]
    assert len({following for _, following in caught}) == 1
    keeps = "Output" if name == "Look at logs" else "Assign"
    assert all(keeps in catch for catch in states()[name]["Catch"])


def test_a_failure_after_plan_leads_to_the_roll_back() -> None:
    leads_to = {name: listed(state["Catch"])[-1]["Next"] for name, state in states().items() if "Catch" in state}
    prepared = states(states()["Prepare versions"]["ItemProcessor"])
    assert leads_to.pop("Plan") == "Refused"
    assert leads_to.pop("Follow regions") == "Left to recover", "it has no aliases of its own"
    assert leads_to.pop("Wait for an end") == "Wait for regions", "which polls, as if there were no events"
    assert leads_to.pop("Roll back") == "Left to recover"
    assert leads_to.pop("Run hooks") == "What next?", "which leads there, but for a release that is over"
    assert {leads_to.pop(name) for name in prepared if name in leads_to} == {"Not prepared"}
    assert leads_to.pop("Look at logs") == "Bake", "the metrics are enough for a verdict"
    assert set(leads_to.values()) == {"Roll back"}


def test_recover_leaves_a_release_the_time_to_find_its_deadline_passed_and_to_roll_itself_back() -> None:
    """It may have looked just before its deadline, on a day on which it looks every five minutes."""
    last_look = NOON + 2 * DAY
    rest = next_tick(last_look, NOON) - last_look
    for name in ("Compare versions", "Roll back"):
        pauses = (sum(longest_pauses(retry)) for retry in (retries(name)[1], waking(name)[0]))
        rest += tasks()[name]["TimeoutSeconds"] + int(sum(pauses))
    assert rest <= GRACE


def test_recover_waits_until_no_step_can_write_any_more() -> None:
    """Probe does not count, as recover.LONGEST_STEP says; Run hooks, which takes longer too, may change nothing.

    Look at logs records slots of logs, which change nothing either.
    """
    writers = {
        name: task["TimeoutSeconds"]
        for name, task in tasks().items()
        if name not in {"Probe", "Look at logs"}
        and any(CHANGES.match(action) for action in _allowed(function_of(task)))
    }
    assert set(writers) == {
        "Plan",
        "Update",
        "Publish",
        "Follow regions",
        "Before traffic",
        "Shift traffic",
        "Compare versions",
        "Finish",
        "Look back",
        "Roll back",
    }
    assert max(writers.values()) <= LONGEST_STEP
    longer = {name for name, task in tasks().items() if task["TimeoutSeconds"] > LONGEST_STEP}
    assert longer == {"Probe", "Run hooks", "Look at logs"}


def _allowed(function: str) -> list[str]:
    granted = (each for each in statements(functions()[function]) if each["Effect"] == "Allow")
    return [action for statement in granted for action in listed(statement["Action"])]


@pytest.mark.parametrize("name", [name for name, state in states().items() if state["Type"] == "Choice"])
def test_a_choice_always_leads_somewhere(name: str) -> None:
    """A JSONata error outside a Task cannot be caught, so each condition asks first whether its values exist."""
    assert states()[name]["Default"]
    for choice in states()[name]["Choices"]:
        condition = choice["Condition"]
        assert condition.startswith("{% $exists(")
        asked = re.findall(r"\$exists\((.*?)\)", condition)
        used = re.findall(r"\$(?!exists)\w+(?:\.\w+)*", condition)
        assert set(used) <= set(asked)


@pytest.mark.parametrize("step", STEPS)
def test_each_step_is_a_function_of_its_own_used_by_one_task(step: str) -> None:
    users = [name for name, task in tasks().items() if _handler(function_of(task)) == f"tidegate.steps.{step}.handler"]
    assert len(users) == 1


@each_task
def test_each_task_has_a_step_that_is_there(name: str) -> None:
    module, _, attribute = _handler(function_of(tasks()[name])).rpartition(".")
    assert callable(getattr(import_module(module), attribute))


def _handler(function: str) -> str:
    handler: str = functions()[function]["Handler"]
    return handler


@each_task
def test_a_task_sends_what_its_step_reads(name: str) -> None:
    """Steps refuse what they do not know."""
    module, _, attribute = _handler(function_of(tasks()[name])).rpartition(".")
    handler: Any = getattr(import_module(module), attribute)
    event = handler.__wrapped__.__annotations__["event"]
    assert set(tasks()[name]["Arguments"]["Payload"]) == set(event.model_fields)


def test_the_time_and_the_release_come_from_the_execution() -> None:
    """A step never reads the clock to decide, and a retry decides the same."""
    for task in tasks().values():
        payload = task["Arguments"]["Payload"]
        assert payload["release"] == "{% $states.context.Execution.Name %}"
        assert payload["now"] == "{% $states.context.State.EnteredTime %}"
