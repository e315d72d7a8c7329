"""What docs/internals.md lists: the states, the errors that our code raises, and the items of the ledger."""

import re
from collections.abc import Iterator
from importlib import import_module
from inspect import getdoc
from pkgutil import iter_modules

import tidegate.aws.ledger
import tidegate.steps
from tests.pages.documents import fragments
from tests.reading import Document, function_of, functions, states, tasks
from tidegate.domain.errors import TidegateError

STATES = (
    "| state | kind | time-out in seconds: function, Task | retries | on failure | next |\n|---|---|---|---|---|---|"
)
ERRORS = "| Error | what it means |\n|---|---|"
SHORT = {
    "Lambda.ClientExecutionTimeoutException, Lambda.ServiceException, Lambda.AWSLambdaException, "
    "Lambda.SdkClientException": "Lambda failed",
    "Lambda.TooManyRequestsException, AwsBusy": "AWS was busy",
    "Lambda.CodeArtifactUserDeletedException, Lambda.CodeArtifactUserPendingException, "
    "Lambda.ResourceConflictException, Lambda.ResourceNotReadyException": "waking up",
    "States.ALL": "anything",
}


def state_table() -> str:
    rows = zip(states().items(), fragments(states()), strict=True)
    return "\n".join([STATES, *(_row(name, state, fragment) for (name, state), fragment in rows)])


def error_table() -> str:
    for module in iter_modules(tidegate.steps.__path__):
        import_module(f"tidegate.steps.{module.name}")
    kinds = sorted(TidegateError.__subclasses__(), key=lambda kind: kind.__name__)
    return "\n".join([ERRORS, *(f"| `{kind.__name__}` | {_first_sentence(kind)} |" for kind in kinds)])


def ledger_table() -> str:
    rows = re.findall(r"^\|.*\|$", getdoc(tidegate.aws.ledger) or "", re.MULTILINE)
    return "\n".join(re.sub(r" +\|", " |", re.sub(r"-{3,}", "---", row)) for row in rows)


def _row(name: str, state: Document, fragment: str) -> str:
    limits = ""
    if name in tasks():
        limits = f"{functions()[function_of(state)]['Timeout']}, {state['TimeoutSeconds']}"
    caught = sorted({each["Next"] for each in state.get("Catch", [])})
    tries = ", ".join(_tries(state))
    cells = [
        f"[{name}](#{fragment})",
        state["Type"],
        limits,
        tries,
        ", ".join(caught),
        ", ".join(_following(state)),
    ]
    return f"| {' | '.join(cells)} |"


def _tries(state: Document) -> Iterator[str]:
    for retry in state.get("Retry", []):
        kinds = ", ".join(retry["ErrorEquals"])
        yield f"{SHORT.get(kinds, kinds)}: {retry['MaxAttempts']}"


def _following(state: Document) -> list[str]:
    choices = [each["Next"] for each in state.get("Choices", [])]
    return [*dict.fromkeys([*choices, *(state[key] for key in ("Default", "Next") if key in state)])]


def _first_sentence(kind: type) -> str:
    return " ".join((getdoc(kind) or "").split("\n\n")[0].split())
