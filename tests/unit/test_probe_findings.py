"""The name of what a probe finds, beside what stable's probe found, and of several calls."""

import pytest

from tests.unit.probe_logs import JSON_INIT_NEVER_DONE, TEXT_INIT_NEVER_DONE, TEXT_INIT_ON_DEMAND, TEXT_REPORT
from tests.unit.probing import error, judged, raised
from tidegate.domain.probe import InitLimits, ProbeFinding, beside_stable, combined, not_probed
from tidegate.domain.probe_answer import ProbeAnswer

NAMED_FAILURES = {
    "InitTimedOut": {
        "an init that does not end in the function's time either": raised(
            error("Sandbox.Timedout", "RequestId: 8f3c Error: Task timed out after 45.00 seconds"), TEXT_INIT_NEVER_DONE
        ),
        "an init that does not end in the function's time either, as JSON": raised(
            error("Sandbox.Timedout", "RequestId: 8f3c Error: Task timed out after 45.00 seconds"), JSON_INIT_NEVER_DONE
        ),
    },
    "CannotExecute": {
        "an image of another architecture": raised(error("Runtime.InvalidEntrypoint", "exec format error")),
        "a layer's module of another architecture": raised(
            error("Runtime.ImportModuleError", "Unable to import module 'app': x.so: invalid ELF header", requestId="")
        ),
        "a handler that is not there, in Python": raised(
            error("Runtime.HandlerNotFound", "Handler 'handle' missing on module 'app'", requestId="")
        ),
        "a handler that is not there, in Node.js": raised(
            error("Runtime.HandlerNotFound", "index.handle is undefined or not exported"), TEXT_INIT_ON_DEMAND
        ),
        "an image without its program": raised(error("Runtime.InvalidEntrypoint", "no such file")),
    },
    "ExtensionFailed": {
        "an extension": raised(error("Extension.Crash", "exit code 1")),
        "an extension of another architecture": raised(error("Extension.LaunchError", "fork/exec: exec format error")),
        "an extension that ends after the init": raised(error("Extension.Crash", "exit code 1"), TEXT_REPORT),
    },
}


@pytest.mark.parametrize(
    ("name", "answer"),
    [(name, answer) for name, answers in NAMED_FAILURES.items() for answer in answers.values()],
    ids=[what for answers in NAMED_FAILURES.values() for what in answers],
)
@pytest.mark.parametrize("has_payload", [False, True])
def test_why_a_version_does_not_start_has_a_name_and_advice(name: str, answer: ProbeAnswer, has_payload: bool) -> None:
    finding = judged(answer, has_payload=has_payload)
    assert finding.error == name
    assert (
        f"does not start: {answer.payload['errorType']}: {answer.payload['errorMessage']}. Check " in finding.sentence
    )


def beside(init: float | None, stable: float | None, slower_ms: float | None = 500) -> ProbeFinding:
    return beside_stable(ProbeFinding(None, "version 43 starts", init), "42", stable, InitLimits(slower_ms))


def test_how_long_a_version_takes_to_start_is_told_beside_stable() -> None:
    found = beside(0.686, 0.512)
    assert (found.error, found.sentence) == (None, "version 43 starts; version 42 took 512 ms in its probe")


def test_a_version_that_takes_much_longer_to_start_than_stable_fails_where_that_gates() -> None:
    found = beside(2.0, 0.5)
    assert found.error == "InitTooSlow"
    assert found.sentence.endswith(": 1500 ms less, 500 are allowed")
    assert beside(2.0, 0.5, slower_ms=None).error is None


def test_what_is_not_on_record_is_not_made_up() -> None:
    assert beside(2.0, None) == ProbeFinding(
        None, "version 43 starts; the init time of version 42 is not recorded", 2.0
    )
    assert beside(None, 0.5).sentence == "version 43 starts"


def test_a_version_that_failed_its_probe_is_not_compared() -> None:
    failed = ProbeFinding("InitFailed", "does not start", 0.1)
    assert beside_stable(failed, "42", 5.0, InitLimits(slower_ms=1)) == failed


@pytest.mark.parametrize(("seconds", "error"), [(1.0, None), (1.001, "InitTooSlow")])
def test_an_init_may_take_a_multiple_of_stables(seconds: float, error: str | None) -> None:
    found = beside_stable(ProbeFinding(None, "version 43 starts", seconds), "42", 0.5, InitLimits(ratio=2))
    assert found.error == error
    assert found.sentence.endswith(": at most 2 times as long is allowed") == (error is not None)


def test_of_several_calls_the_first_failure_is_told_with_its_number() -> None:
    passed, failed = ProbeFinding(None, "it starts", 0.2), ProbeFinding("ProbeFailed", "it failed", 0.1)
    assert combined([passed, failed, failed]) == ProbeFinding("ProbeFailed", "it failed (call 2 of 3)", 0.1)


def test_of_several_calls_that_pass_the_slowest_start_counts() -> None:
    warm, fast, slow = (ProbeFinding(None, f"starts in {seconds}", seconds) for seconds in (None, 0.1, 0.3))
    assert combined([warm, slow, fast]) == ProbeFinding(None, "starts in 0.3 (the slowest of 3 calls)", 0.3)
    assert combined([warm]) == warm


def test_a_release_without_a_probe_says_so() -> None:
    assert "was not probed, as requested" in not_probed("version 43 of checkout").sentence
