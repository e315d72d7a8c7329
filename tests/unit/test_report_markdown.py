"""The Markdown form of a report: for summaries of CI jobs and comments."""

from tests import report_samples
from tidegate.report.markdown import MOST_BYTES, markdown, sparkline, text


def test_the_outcome_and_its_reason_come_first() -> None:
    lines = markdown(report_samples.rolled_back().report()).splitlines()
    assert lines[0] == "### ✗ checkout:live: rolled back"
    assert lines[2].startswith("Version 43 of checkout:live failed. Errors: ")
    assert lines[4] == "checkout:live is 100 % on version 42 again."


def test_no_traffic_is_a_gap_in_a_line_of_blocks() -> None:
    assert sparkline([0.0, 5.0, None, 10.0]) == "▁▅·█"
    assert sparkline([None, None]) == "··"
    assert sparkline([0.0]) == "▁"


def test_foreign_text_is_neither_markup_nor_a_mention() -> None:
    assert text("**bold** <b> [x](y) | `code`") == r"\*\*bold\*\* &lt;b&gt; \[x\](y) \| \`code\`"
    assert text("# head\n\nnext") == r"\# head next"
    assert text("1. one") == r"1\. one"
    assert text("@everyone") == "@\N{ZERO WIDTH SPACE}everyone"
    assert len(text("x" * 9_999)) == 300


def test_no_text_ends_a_block_of_code() -> None:
    sample = report_samples.running()
    sample.event(sample.items[-1]["at"], "noted", "```\n</details>")
    whole = markdown(sample.report())
    assert "\n````\n" in whole
    assert "``` </details>" in whole


def test_a_large_release_fits_into_a_summary() -> None:
    sample = report_samples.rolled_back()
    plan = sample.record["plan"]
    plan["targets"] = [plan["targets"][0] | {"function": f"checkout-{n}-{'é' * 60}"} for n in range(100)]
    for item in sample.items:
        if item.get("kind") == "judged":
            verdict = item["verdicts"][0]
            item["verdicts"] = [
                verdict | {"target": f"{each['function']}:live", "explanation": "…" * 5_000} for each in plan["targets"]
            ]
    for number in range(300):
        sample.event(sample.items[-1]["at"], f"noted-{number}", "é" * 5_000)
    assert len(markdown(sample.report()).encode()) <= MOST_BYTES
