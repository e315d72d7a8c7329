"""Evaluation of a probe's answers."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tidegate.domain.hook_answer import HookAnswer
from tidegate.domain.invocation_log import InvocationLog
from tidegate.domain.probe_answer import ProbeAnswer


@dataclass(frozen=True)
class ProbeFinding:
    """`error` is the name of the failure (None: the version passed); `sentence` describes it."""

    error: str | None
    sentence: str
    init_seconds: float | None


def judge_probe(
    answer: ProbeAnswer,
    *,
    has_payload: bool,
    has_expect: bool,
    expect: Any,
    max_init_seconds: float | None,
    timeout_seconds: float,
    subject: str,
) -> ProbeFinding:
    """Return whether `subject`, a version of a function whose time-out is `timeout_seconds`, may receive traffic.

    Init errors and time-outs always fail it. A handler error fails it when the release gave a payload; without a
    payload the event is empty, and a handler error is only reported, because the handler may correctly reject an empty
    event.
    """
    init = answer.log.whole_init_seconds
    started = _started(answer.log)

    def failed(error: str, sentence: str) -> ProbeFinding:
        return ProbeFinding(error, f"{subject} {sentence}", init)

    if answer.function_error and (failure := _failure(answer, has_payload, timeout_seconds)):
        return failed(*failure)
    if max_init_seconds is not None and init is not None and init > max_init_seconds:
        took = f"took {_bound(answer.log)}{init:.2f} s to start{_begun_again(answer.log)}"
        return failed("InitTooSlow", f"{took}; at most {max_init_seconds:g} s are allowed")
    if answer.function_error:
        sentence = f"{subject} starts{started}; its handler rejected the empty event ({answer.said})"
        return ProbeFinding(None, sentence, init)
    differs = mismatch(expect, answer.payload) if has_expect else None
    if differs:
        return failed("ProbeFailed", f"did not answer as the probe expects: {differs} differs")
    return ProbeFinding(None, f"{subject} starts{started}", init)


def _failure(answer: ProbeAnswer, has_payload: bool, timeout_seconds: float) -> tuple[str, str] | None:
    """Name and describe the failure that an error is; None if the handler only rejects the event."""
    if failure := answer.init_failure:
        return failure.error, f"does not start: {answer.said}" + (f". {failure.advice}" if failure.advice else "")
    if answer.timed_out:
        asked = "the probe's payload" if has_payload else "the empty event; give the probe a payload that it answers"
        return "ProbeUnanswered", f"did not answer within its time-out of {timeout_seconds:g} s, invoked with {asked}"
    return ("ProbeFailed", f"failed on the probe's payload: {answer.said}") if has_payload else None


def _started(log: InvocationLog) -> str:
    seconds = log.whole_init_seconds
    if seconds is None:
        return " (warm)" if log.warm else " (its log does not show how long its init took)"
    return f" in {_bound(log)}{seconds * 1000:.0f} ms{_begun_again(log)}"


def _bound(log: InvocationLog) -> str:
    """If the init ran inside the invocation, its time includes the handler."""
    return "up to " if log.given_up else ""


def _begun_again(log: InvocationLog) -> str:
    if not log.given_up:
        return ""
    gave_up = f"Lambda stopped its init after {log.given_up:.2f} s"
    return f" ({gave_up} and ran it again inside the invocation; both runs count)"


@dataclass(frozen=True)
class InitLimits:
    """How much slower than stable a version may start: by milliseconds, or by a factor; None: any."""

    slower_ms: float | None = None
    ratio: float | None = None

    def exceeded(self, seconds: float, stable_seconds: float) -> str | None:
        """Return what the limit is, for a sentence that has said both times; None if both limits hold."""
        longer = round((seconds - stable_seconds) * 1000)
        if self.slower_ms is not None and longer > self.slower_ms:
            return f"{longer} ms less, {self.slower_ms:g} are allowed"
        if self.ratio is not None and seconds > self.ratio * stable_seconds:
            return f"at most {self.ratio:g} times as long is allowed"
        return None


def beside_stable(finding: ProbeFinding, stable: str, stable_seconds: float | None, limits: InitLimits) -> ProbeFinding:
    """Compare the init time with that of `stable`, from its own probe; a version beyond a limit fails.

    `stable_seconds` is None if no probe is recorded, or the version was warm.
    """
    if finding.error or finding.init_seconds is None:
        return finding
    if stable_seconds is None:
        sentence = f"{finding.sentence}; the init time of version {stable} is not recorded"
        return replace(finding, sentence=sentence)
    sentence = f"{finding.sentence}; version {stable} took {stable_seconds * 1000:.0f} ms in its probe"
    exceeded = limits.exceeded(finding.init_seconds, stable_seconds)
    if exceeded is None:
        return replace(finding, sentence=sentence)
    return replace(finding, error="InitTooSlow", sentence=f"{sentence}: {exceeded}")


def combined(findings: Sequence[ProbeFinding]) -> ProbeFinding:
    """Make one finding of several concurrent calls: the first failure, otherwise the slowest init."""
    count = len(findings)
    if count == 1:
        return findings[0]
    for number, finding in enumerate(findings, start=1):
        if finding.error:
            return replace(finding, sentence=f"{finding.sentence} (call {number} of {count})")
    slowest = max(findings, key=lambda finding: finding.init_seconds or 0.0)
    return replace(slowest, sentence=f"{slowest.sentence} (the slowest of {count} calls)")


def approved(subject: str, function: str, answer: HookAnswer) -> ProbeFinding:
    """Return the finding of a function of the user's."""
    if answer.ok:
        return ProbeFinding(None, f"{subject} passed {function}", None)
    return ProbeFinding("ProbeFailed", f"{subject} did not pass {function}: {answer.reason}", None)


def not_probed(subject: str) -> ProbeFinding:
    return ProbeFinding(None, f"{subject} was not probed, as requested: its first request is its first start", None)


def mismatch(expected: Any, found: Any, path: str = "the answer") -> str | None:
    """Return the path of the first thing in `expected` that `found` lacks, or None.

    Objects are compared by the fields that `expected` names, everything else exactly. The path contains
    no values: a function's answer may contain secrets.
    """
    if isinstance(expected, dict) and isinstance(found, dict):
        paths = (
            mismatch(value, found[key], f"{path}.{key}") if key in found else f"{path}.{key}"
            for key, value in expected.items()
        )
        return next((found_path for found_path in paths if found_path), None)
    same_type = isinstance(expected, bool) == isinstance(found, bool)
    return None if same_type and expected == found else path
