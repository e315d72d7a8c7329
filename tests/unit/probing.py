"""Answers to a probe, and what is made of them."""

from typing import Any

from tidegate.domain.probe import ProbeFinding, judge_probe
from tidegate.domain.probe_answer import ProbeAnswer


def error(kind: str, message: str = "", **more: Any) -> dict[str, Any]:
    return {"errorType": kind, "errorMessage": message, **more}


def raised(payload: Any, log: str = "") -> ProbeAnswer:
    return ProbeAnswer(payload, "Unhandled", log)


def judged(answer: ProbeAnswer, **asked: Any) -> ProbeFinding:
    usual: dict[str, Any] = {
        "has_payload": False,
        "has_expect": False,
        "expect": None,
        "max_init_seconds": None,
        "timeout_seconds": 30,
        "subject": "version 43 of checkout",
    }
    return judge_probe(answer, **{**usual, **asked})
