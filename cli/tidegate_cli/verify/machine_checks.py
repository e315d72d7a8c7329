"""Checks of Step Functions: expressions, retries, histories, and what continues after an end."""

import json
from typing import Any

from tidegate.domain.schedule import MINUTE
from tidegate_cli.verify.checks import Seen, check, same
from tidegate_cli.verify.ground import Ground

EXPRESSIONS: dict[str, tuple[str, Any]] = {
    "parse": ("""$parse('{"a": [1, 2]}').a[1]""", 2),
    "ceil": ("$fromMillis($ceil(1700000000001 / 60000) * 60000)", "2023-11-14T22:14:00.000Z"),
    "filter": ("$states.input.rows[kind = 'b'].value", 2),
    "list": ("[$states.input.rows[value > 5].value]", []),
    "map": ("$map($states.input.rows, function($row) { $row.value * 2 })", [2, 4]),
    "merge": ("$merge([{'a': 1}, {'b': 2}])", {"a": 1, "b": 2}),
    "exists": ("$exists($states.input.nothing) ? 'there' : 'not there'", "not there"),
}
ROWS = {"rows": [{"kind": "a", "value": 1}, {"kind": "b", "value": 2}]}

CAUSE = r"""{%
    ( $found := $match($states.input.cause, /"errorMessage" *: *"((?:[^"\x5c\x00-\x1f]+|\x5c["\x5c])+)("?)/, 1);
      $found.groups[1] = '"' ? $parse('"' & $found.groups[0] & '"') : $states.input.cause )
%}"""
GUIDE = "step-functions/latest/dg/"
SLOW_SECONDS = 3


@check(
    "jsonata",
    "JSONata of Step Functions evaluates every kind of expression as the local cloud does (`$parse`, `$fromMillis`, "
    "`$ceil`, filters on arrays)",
    expected="all as written",
    otherwise="the expression fails with States.QueryEvaluationError; all are plain, so a rewording would do",
    source=GUIDE + "transforming-data.html",
)
def jsonata(ground: Ground) -> Seen:
    """Run a Pass state that has one expression of each kind in its Output."""
    wanted = {name: value for name, (_, value) in EXPRESSIONS.items()}
    output = {name: f"{{% {expression} %}}" for name, (expression, _) in EXPRESSIONS.items()}
    ended = ground.ended(ground.start("jsonata", {"Pass": {"Type": "Pass", "Output": output, "End": True}}, ROWS))
    found = json.loads(ended.get("output") or "{}")
    wrong = {name: found.get(name) for name, value in wanted.items() if found.get(name) != value}
    return Seen(not wrong, f"{wrong} {ended.get('cause', '')}" if wrong else "all as written")


@check(
    "fail-cause",
    r"`$match` with a regular expression that has character classes and `\x5c`, and a block with `:=`, are evaluated "
    "in a Fail state as in JSONata 2.0.6",
    expected='it "broke", then what is cut off as it is',
    otherwise="Cause would be the error of the expression, and Error States.QueryEvaluationError",
    source=GUIDE + "state-fail.html",
)
def fail_cause(ground: Ground) -> Seen:
    """Run a Fail state on a whole cause and on a cause that is cut off."""
    state = {"Fail": {"Type": "Fail", "Error": "Refused", "Cause": CAUSE}}
    causes = [json.dumps({"errorMessage": 'it "broke"'}), '{"errorMessage": "cut o']
    found = [ground.ended(ground.start("fail-cause", state, {"cause": cause})) for cause in causes]
    seen = [each.get("cause", "") for each in found]
    is_so = seen == ['it "broke"', causes[1]] and {each.get("error") for each in found} == {"Refused"}
    return Seen(is_so, 'it "broke", then what is cut off as it is' if is_so else " / ".join(seen))


def _tries(ground: Ground) -> list[dict[str, Any]]:
    """Return what the two tries of a Task that fails were given."""

    def make() -> str:
        given = {"at": "{% $now() %}", "count": "{% $states.context.State.RetryCount %}"}
        again = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 2, "MaxAttempts": 1}
        task = ground.task(ground.function("plain"), {"fail": given}, Retry=[again])
        execution = ground.start("retried", {"Try": task})
        ground.ended(execution)
        return execution

    history = ground.history(ground.shared("retried", make))
    scheduled = [event["taskScheduledEventDetails"] for event in history if "taskScheduledEventDetails" in event]
    return [json.loads(details["parameters"])["Payload"]["fail"] for details in scheduled]


@check(
    "retry-now",
    "`$now()` in a Task's Arguments is the time of each try, not of the first",
    expected="two times",
    otherwise="minutes in which the alias was not yet moved would count as those of the new weight",
    source=GUIDE + "concepts-error-handling.html",
)
def retry_now(ground: Ground) -> Seen:
    """Run a Task that fails and is retried, and read the Arguments of both tries in the history."""
    times = [each["at"] for each in _tries(ground)]
    if len(times) != 2:
        return Seen(None, f"{len(times)} tries in the history")
    return same("two times", "two times" if times[0] != times[1] else "one time")


@check(
    "retry-count",
    "`$states.context.State.RetryCount` is evaluated for each try of a Task in JSONata, as in JSONPath",
    expected="0, 1",
    otherwise="a late first try of Plan could unlock the aliases of the second",
    source=GUIDE + "input-output-contextobject.html",
)
def retry_count(ground: Ground) -> Seen:
    """Read RetryCount in the Arguments of both tries of the same Task."""
    return same("0, 1", ", ".join(str(each["count"]) for each in _tries(ground)))


@check(
    "throttled-name",
    "Step Functions names a throttled call of a step's function as Lambda does",
    expected="Lambda.TooManyRequestsException",
    otherwise="a release would be refused or rolled back where it should wait: add the name to each Retry",
    source=GUIDE + "connect-lambda.html",
)
def throttled_name(ground: Ground) -> Seen:
    """Run a Task that invokes a function whose reserved concurrency is 0."""
    name = ground.published("throttled")
    ground.client("lambda").put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    ended = ground.ended(ground.start("throttled", {"Try": ground.task(name, {})}))
    return same("Lambda.TooManyRequestsException", ended.get("error", ended.get("status", "")))


@check(
    "stopped-step",
    "A step that is in flight when its execution is stopped runs on",
    expected="it runs on",
    otherwise="nothing: fencing would be needless, not wrong",
    source="step-functions/latest/apireference/API_StopExecution.html",
)
def stopped_step(ground: Ground) -> Seen:
    """Stop an execution while its Task sleeps, and look for the line that the function writes after its sleep."""
    name, mark = ground.function("plain"), f"stopped-{int(ground.now() * 1000)}"
    execution = ground.start("stopped", {"Try": ground.task(name, {"seconds": SLOW_SECONDS, "lines": [mark]})})
    ground.sleep(SLOW_SECONDS / 3)
    ground.client("stepfunctions").stop_execution(executionArn=execution)
    return _runs_on(ground, name, mark)


@check(
    "map-step",
    "When one iteration of Map fails, a step of another that is in flight runs on",
    expected="it runs on",
    otherwise="nothing: the fence is there",
    source=GUIDE + "state-map-inline.html",
)
def map_step(ground: Ground) -> Seen:
    """Let one iteration fail while another sleeps, and look for the line that is written after the sleep."""
    name, mark = ground.function("plain"), f"map-{int(ground.now() * 1000)}"
    task = ground.task(name, "{% $states.input %}")
    items = [{"seconds": SLOW_SECONDS, "lines": [mark]}, {"seconds": SLOW_SECONDS / 3, "fail": "on purpose"}]
    processor = {"ProcessorConfig": {"Mode": "INLINE"}, "StartAt": "Try", "States": {"Try": task}}
    each = {"Type": "Map", "Items": items, "ItemProcessor": processor, "End": True}
    ended = ground.ended(ground.start("map", {"Each": each}))
    if ended.get("status") != "FAILED":
        return Seen(None, f"Map ended as {ended.get('status')}")
    return _runs_on(ground, name, mark)


def _runs_on(ground: Ground, name: str, mark: str) -> Seen:
    found = ground.until(lambda: ground.events(name, f'"{mark}"'), SLOW_SECONDS + MINUTE)
    return same("it runs on", "it runs on" if found else "no line in its log")


@check(
    "assigned-variables",
    "GetExecutionHistory reports for each state which variables were assigned, as JSON text in "
    "`stateExitedEventDetails.assignedVariables`",
    expected='{"number": "1", "text": "\\"a\\""}',
    otherwise="Recover could not tell the versions of a release whose ledger is gone; Roll back is told them by the "
    "state machine",
    source="step-functions/latest/apireference/API_StateExitedEventDetails.html",
)
def assigned_variables(ground: Ground) -> Seen:
    """Run a Pass state that assigns a number and a text, and read its history."""
    state = {"Type": "Pass", "Assign": {"number": 1, "text": "a"}, "End": True}
    execution = ground.start("assigned", {"Pass": state})
    ground.ended(execution)
    exits = [event["stateExitedEventDetails"] for event in ground.history(execution) if _exits(event)]
    return same('{"number": "1", "text": "\\"a\\""}', json.dumps(exits[0].get("assignedVariables"), sort_keys=True))


def _exits(event: dict[str, Any]) -> bool:
    return "stateExitedEventDetails" in event


@check(
    "definition-back",
    "The definition that Step Functions gives back is JSON, with the settings where they were put",
    expected="the settings",
    otherwise="Start would refuse nothing and start nothing: its events would end in the dead letter queue",
    source="step-functions/latest/apireference/API_DescribeStateMachine.html",
)
def definition_back(ground: Ground) -> Seen:
    """Read the settings of a Pass state in what DescribeStateMachine answers."""
    execution = ground.start("definition", {"Pass": {"Type": "Pass", "Output": {"settings": {"a": "1"}}, "End": True}})
    client = ground.client("stepfunctions")
    machine = ground.ended(execution)["stateMachineArn"]
    text = client.describe_state_machine(stateMachineArn=machine)["definition"]
    try:
        settings = json.loads(text)["States"]["Pass"]["Output"]["settings"]
    except (ValueError, KeyError, TypeError):
        return Seen(False, text[:200])
    return same("the settings", "the settings" if settings == {"a": "1"} else str(settings))
