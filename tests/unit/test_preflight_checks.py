"""The mechanism of the preflight: severities, facts that cannot be read, and what a plan records."""

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.builders import a_plan, a_request, some_settings
from tests.failing import refused
from tests.reading import ROOT
from tests.surveys import a_survey
from tidegate.aws import preflight
from tidegate.aws.preflight import facts
from tidegate.aws.preflight.aim import Aim
from tidegate.aws.preflight.pace import PER_SECOND, CallPace, OutOfTime
from tidegate.domain import finding
from tidegate.domain.errors import InvalidRequest, NotConfigured
from tidegate.domain.finding import CheckName, Finding
from tidegate.domain.plan import ReleasePlan
from tidegate.domain.planning.known_calls import PASSED_ON
from tidegate.domain.planning.preflight import checking
from tidegate.domain.planning.preflight.checking import CHECKS, PreflightCheck
from tidegate.domain.planning.preflight.survey import Conclusion, Survey, Unseen

NAME: CheckName = "code-and-configuration"
AIM = Aim("checkout", "live", "arn:aws:lambda:eu-west-1:123456789012:function:checkout")


def _rules(survey: Survey) -> Iterator[Conclusion]:
    yield from (Conclusion(f"rule {name}", "why", "fix") for name in survey.read("rules") or [])


@pytest.fixture
def one_check(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have one check, which reads one fact."""
    monkeypatch.setattr(checking, "CHECKS", {NAME: PreflightCheck(_rules, reads=("rules",))})


def _found(read: Any, severity: str = "warning") -> list[tuple[str, str]]:
    survey = replace(a_survey(), facts={"rules": read})
    return [(each.severity, each.sentence) for each in checking.findings([survey], {NAME: severity})]


@pytest.mark.usefixtures("one_check")
def test_a_finding_has_the_severity_of_its_check_and_says_what_why_and_what_to_do() -> None:
    assert _found(["a"], "error") == [("error", f"{NAME}: checkout:live: rule a. why. fix")]
    assert _found([]) == _found(None) == []


@pytest.mark.usefixtures("one_check")
def test_a_check_that_is_ignored_reads_and_finds_nothing() -> None:
    assert _found(["a"], "ignore") == []
    assert checking.needed({NAME: "ignore"}) == set()
    assert checking.needed({NAME: "warning"}) == {"rules"}


@pytest.mark.usefixtures("one_check")
@pytest.mark.parametrize("severity", ["warning", "error"])
def test_what_cannot_be_read_costs_one_finding_and_never_the_release(severity: str) -> None:
    ((found, sentence),) = _found(Unseen("AccessDenied"), severity)
    assert found == "warning"
    assert "could not look: rules: AccessDenied" in sentence
    assert f'"preflight": {{"{NAME}": "ignore"}}' in sentence
    ((found, sentence),) = _found(7, severity)
    assert (found, "was not understood" in sentence) == ("warning", True)


@pytest.mark.usefixtures("one_check")
@pytest.mark.parametrize(
    ("of_stack", "of_request", "expected"),
    [
        ("", {}, "warning"),
        (f"{NAME}=error", {}, "error"),
        (f" {NAME}=error ,", {NAME: "ignore"}, "ignore"),
        ("", {NAME: "error"}, "error"),
    ],
)
def test_the_request_comes_before_the_stack(of_stack: str, of_request: Mapping[str, str], expected: str) -> None:
    assert checking.severities(of_stack, of_request) == {NAME: expected}


@pytest.mark.parametrize("wrong", ["no-such-check=error", f"{NAME}=never", NAME])
def test_a_severity_of_the_stack_that_does_not_exist_is_named(wrong: str) -> None:
    with pytest.raises(NotConfigured, match=wrong):
        checking.severities(wrong, {})


@pytest.mark.parametrize("page", ["docs/preflight.md", "docs/deploy.md", "template.yaml"])
def test_the_severities_that_a_page_shows_exist(page: str) -> None:
    shown = re.findall(r"\b([a-z-]+)=(?:error|warning|ignore)", (ROOT / page).read_text())
    assert set(shown) <= CHECKS.keys()


def test_every_name_of_a_request_is_a_check() -> None:
    assert set(CHECKS) == set(CheckName.__args__)  # type: ignore[attr-defined] # of typing.Literal


def test_every_fact_that_a_check_reads_has_a_reader() -> None:
    readable = facts.OF_TARGET.keys() | facts.OF_ACCOUNT.keys() | {PASSED_ON}
    assert checking.needed(dict.fromkeys(CHECKS, "warning")) <= readable
    assert readable >= facts.FULL


@pytest.mark.parametrize(("name", "severity"), [("no-such-check", "error"), (NAME, "never")])
def test_a_request_with_an_unknown_check_or_severity_is_refused(name: str, severity: str) -> None:
    with pytest.raises(InvalidRequest, match="preflight"):
        a_request(preflight={name: severity})


def _fail(*_: Any) -> Any:
    raise refused("ListRules")


@pytest.fixture
def readers(monkeypatch: pytest.MonkeyPatch) -> None:
    of_account = {"rules": lambda aims, _now: {aims[0].arn: ["a"]}, "odd": lambda aims, _now: aims[7]}
    monkeypatch.setattr(facts, "OF_ACCOUNT", of_account)
    monkeypatch.setattr(facts, "OF_TARGET", {"policy": lambda aim, now: (aim.function, now), "denied": _fail})
    monkeypatch.setattr(facts, "FULL", frozenset({"rules"}))


@pytest.mark.usefixtures("readers")
def test_facts_are_read_for_each_target_and_a_failure_stays_with_its_fact() -> None:
    other = AIM._replace(function="basket", arn=f"{AIM.arn}-basket")
    first, second = facts.read([AIM, other], {"rules", "odd", "policy", "denied"}, 7, full=True)
    assert (first["rules"], first["policy"]) == (["a"], ("checkout", 7))
    assert (second["rules"], second["policy"]) == (None, ("basket", 7))
    assert isinstance(first["denied"], Unseen)
    assert "ListRules" in first["denied"].why
    assert "not understood" in first["odd"].why


@pytest.mark.parametrize(
    "error", [NotImplementedError("That compression method is not supported"), zlib.error("Error -3"), EOFError()]
)
def test_an_archive_that_cannot_be_unpacked_costs_one_fact(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def unpack(*_: Any) -> Any:
        raise error

    monkeypatch.setattr(facts, "OF_TARGET", {"package": unpack})
    (found,) = facts.read([AIM], {"package"}, 7, full=False)
    assert found["package"].why == (str(error) or "EOFError()")


@pytest.mark.usefixtures("readers")
def test_the_rights_of_the_stack_decide_what_is_read() -> None:
    assert [*facts.read([AIM], {"rules", "policy"}, 7, full=False)[0]] == ["policy"]


def test_after_the_time_limit_no_call_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    pace = CallPace()
    pace.begin(1)
    pace.wait()
    monkeypatch.setattr("time.monotonic", lambda clock=pace._end: clock + 1)
    monkeypatch.setattr("time.sleep", lambda _: None)
    with pytest.raises(OutOfTime, match="17 seconds"):
        pace.wait()


def test_calls_keep_their_distance_even_if_one_of_them_wakes_up_late(monkeypatch: pytest.MonkeyPatch) -> None:
    now, late, sent = [100.0], iter([0.0, 0.5, 0.0, 0.0]), list[float]()

    def sleep(seconds: float) -> None:
        now[0] += seconds + next(late)

    monkeypatch.setattr("time.monotonic", lambda: now[0])
    monkeypatch.setattr("time.sleep", sleep)
    pace = CallPace()
    for _ in range(4):
        pace.wait()
        sent.append(now[0])
    assert all(later - earlier >= 1 / PER_SECOND - 1e-6 for earlier, later in pairwise(sent))
    assert sent[3] - sent[1] == pytest.approx(2 / PER_SECOND)


def test_a_function_that_does_not_exist_is_not_checked() -> None:
    state = replace(a_survey().state, latest=None)
    assert preflight.look(a_request(), [state], a_plan(), some_settings(), 0) == ([], {}, {})


A_FINDING = Finding("roles-differ", "warning", "checkout:live", "found" * 300, "why", "fix")


def test_a_plan_records_a_bounded_part_of_its_findings() -> None:
    kept = finding.recorded([A_FINDING] * 100)
    assert len(kept) == finding.MOST_RECORDED
    assert len(kept[0].found) <= finding.LONGEST + 1
    plan = a_plan(findings=kept)
    assert ReleasePlan.of(plan.document()) == plan


def test_a_summary_has_the_first_findings_and_their_number() -> None:
    short = replace(A_FINDING, found="found")
    told = finding.in_short([short] * 5)
    assert told.count("roles-differ: checkout:live: found. why. fix.") == 3
    assert told.endswith("And 2 more findings.")
    assert finding.in_short([]) == ""


def test_a_refused_call_has_the_words_of_aws() -> None:
    assert isinstance(refused("ListRules"), ClientError)
