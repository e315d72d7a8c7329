"""A report in which every text was written by somebody else."""

import json
from dataclasses import replace

from tests import report_samples
from tidegate.report.model import Report

SAMPLE = report_samples.rolled_back()


def hostile(text: str) -> Report:
    """Give a report in which every text is foreign: name, outcome, summaries, labels, the request, a note."""
    items = json.loads(json.dumps(SAMPLE.items))
    for item in items:
        item |= {key: text for key in ("summary", "outcome") if key in item}
        for verdict in item.get("verdicts", []):
            verdict["explanation"] = text
    items[0]["labels"] = {text: text}
    items[0]["plan"]["strategy"]["name"] = text
    items[0]["ended"] = text or "x"
    sample = report_samples.Sample(minutes=1)
    sample.items = items
    report = sample.report(notes=[text])
    targets = tuple(replace(target, probe=text, canary=text) for target in report.targets)
    return replace(report, release=text, execution=text, request={text: [text]}, targets=targets)
