"""What the answer of a probe says about a version."""

import re
from dataclasses import dataclass, replace
from typing import Any

from tidegate.domain.cause import shortened

# Both log formats of Lambda: text, and JSON (`platform.report`, `platform.initReport`).
INIT_DURATION = re.compile(r'(?:Init Duration: |"initDurationMs":\s*)([\d.]+)')
INIT_FAILED = re.compile(
    r'^INIT_REPORT .*Status: (?:error|timeout)|"platform\.initReport".*"status":\s*"(?:error|failure|timeout)"',
    re.MULTILINE | re.IGNORECASE,
)

RAISED_BY_THE_HANDLER = ("Runtime.MarshalError", "Runtime.UnmarshalError")
"""Error types of the runtime that come after init: the handler's answer or the event could not be converted."""

NOT_OF_THE_HANDLER = ("runtime.", "extension.", "sandbox.")
"""Error types of the platform; spelling varies between sources, so compared by prefix and without case."""

LONGEST_FIELD = 300
"""Characters of an error's type or message: what a hundred probes say has to fit between two states."""


@dataclass(frozen=True)
class ProbeAnswer:
    """An Invoke response: the parsed payload, `FunctionError` and the last 4 KB of the log."""

    payload: Any
    function_error: str | None
    log_tail: str

    @property
    def error_type(self) -> str:
        return self._error_field("errorType", "Unknown")

    @property
    def error_message(self) -> str:
        return self._error_field("errorMessage", "no message")

    def _error_field(self, name: str, default: str) -> str:
        value = self.payload.get(name) if isinstance(self.payload, dict) else None
        return shortened(str(value), LONGEST_FIELD) if value else default

    @property
    def init_seconds(self) -> float | None:
        """Init Duration of this invocation; None when it was served warm or the tail cut it off."""
        found = INIT_DURATION.search(self.log_tail)
        return float(found.group(1)) / 1000 if found else None

    @property
    def init_failed(self) -> bool:
        """Whether the version failed before its handler ran (aws-lambda "Init errors").

        A Python error at import has an empty request id; other runtimes show it in the INIT_REPORT line or
        by an error type of the platform. A crash that shows none of these counts as init: a gate must not
        guess in favour of a version.
        """
        if self.function_error is None:
            return False
        if isinstance(self.payload, dict) and self.payload.get("requestId") == "":
            return True
        if self.error_type in RAISED_BY_THE_HANDLER:
            return False
        return bool(INIT_FAILED.search(self.log_tail)) or self.error_type.lower().startswith(NOT_OF_THE_HANDLER)


@dataclass(frozen=True)
class ProbeFinding:
    """`error` is the name of the failure (None: the version passed); `sentence` says it to people."""

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
    subject: str,
) -> ProbeFinding:
    """Say whether `subject`, a version of a function, may receive traffic.

    Init errors always fail it. A handler error fails it when the release gave a payload; on the empty event
    that is sent otherwise it is only reported, since the handler may rightly refuse it.
    """
    init = answer.init_seconds

    def failed(error: str, sentence: str) -> ProbeFinding:
        return ProbeFinding(error, f"{subject} {sentence}", init)

    said = f"{answer.error_type}: {answer.error_message}"
    if answer.init_failed:
        return failed("InitFailed", f"does not start: {said}")
    if answer.function_error and has_payload:
        return failed("ProbeFailed", f"failed on the probe's payload: {said}")
    if max_init_seconds is not None and init is not None and init > max_init_seconds:
        return failed("InitTooSlow", f"took {init:.2f} s to start; at most {max_init_seconds:g} s are allowed")
    if answer.function_error:
        sentence = f"{subject} starts; its handler refused the empty event ({said})"
        return ProbeFinding(None, sentence, init)
    differs = mismatch(expect, answer.payload) if has_expect else None
    if differs:
        return failed("ProbeFailed", f"did not answer as the probe expects: {differs} is not what was asked for")
    started = f" in {init * 1000:.0f} ms" if init is not None else " (warm)"
    return ProbeFinding(None, f"{subject} starts{started}", init)


def beside_stable(
    finding: ProbeFinding, stable: str, stable_seconds: float | None, *, slower_ms: float | None
) -> ProbeFinding:
    """Compare how long the init took with that of `stable`, as its own probe found it.

    `stable_seconds` is None where no probe is on record, or it found the version warm. With `slower_ms` a version
    that takes so many milliseconds longer fails.
    """
    if finding.error or finding.init_seconds is None:
        return finding
    if stable_seconds is None:
        sentence = f"{finding.sentence}; what version {stable} took is not on record"
        return replace(finding, sentence=sentence)
    longer = round((finding.init_seconds - stable_seconds) * 1000)
    sentence = f"{finding.sentence}; version {stable} took {stable_seconds * 1000:.0f} ms when it was probed"
    if slower_ms is None or longer <= slower_ms:
        return replace(finding, sentence=sentence)
    return replace(finding, error="InitTooSlow", sentence=f"{sentence}: {longer} ms less, {slower_ms:g} are allowed")


def mismatch(expected: Any, found: Any, path: str = "the answer") -> str | None:
    """Give the path of the first thing in `expected` that `found` lacks, or None.

    Objects are compared by the fields that `expected` names, everything else exactly. The values stay out of
    it: a function's answer may hold what must not be shown.
    """
    if isinstance(expected, dict) and isinstance(found, dict):
        paths = (
            mismatch(value, found[key], f"{path}.{key}") if key in found else f"{path}.{key}"
            for key, value in expected.items()
        )
        return next((found_path for found_path in paths if found_path), None)
    same_type = isinstance(expected, bool) == isinstance(found, bool)
    return None if same_type and expected == found else path
