"""What template.yaml has for whoever watches releases: alarms, what they are told by, and the dashboard."""

import json
import re

import pytest

from tests.fakes.search_expression import Search
from tests.reading import ROOT, Document, functions, resources, template
from tidegate.aws import gauges
from tidegate.aws.gauges import NAMESPACE

ALARMS = resources("AWS::CloudWatch::Alarm")
DOCUMENT = (ROOT / "docs/dashboard.md").read_text()
TROUBLE = (ROOT / "docs/trouble.md").read_text()

each_alarm = pytest.mark.parametrize("name", ALARMS)


@each_alarm
def test_an_alarm_tells_the_topic_that_it_went_off_and_that_it_is_over(name: str) -> None:
    told = {"Fn::If": ["HasAlarmTopic", [{"Ref": "AlarmTopicArn"}], {"Ref": "AWS::NoValue"}]}
    assert ALARMS[name]["AlarmActions"] == ALARMS[name]["OKActions"] == told


@each_alarm
def test_an_alarm_is_explained_with_what_to_do(name: str) -> None:
    assert "docs/trouble.md" in ALARMS[name]["AlarmDescription"]
    assert f"\n| `{name}` |" in TROUBLE


def test_an_alarm_hears_of_errors_of_recover_and_does_not_mind_minutes_in_which_it_had_nothing_to_do() -> None:
    alarm = ALARMS["RollBackAlarm"]
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/Lambda", "Errors")
    assert alarm["Dimensions"] == [{"Name": "FunctionName", "Value": {"Ref": "RecoverFunction"}}]
    assert "RecoverFunction" in functions()
    assert alarm["TreatMissingData"] == "notBreaching"


def test_an_alarm_hears_of_locks_and_takes_silence_for_one() -> None:
    alarm = ALARMS["LockAlarm"]
    assert (alarm["Namespace"], alarm["MetricName"]) == (NAMESPACE, gauges.LOCKS_LEFT)
    service = template()["Globals"]["Function"]["Environment"]["Variables"]["POWERTOOLS_SERVICE_NAME"]
    assert alarm["Dimensions"] == [{"Name": "service", "Value": service}]
    assert alarm["TreatMissingData"] == "breaching"
    minutes = alarm["EvaluationPeriods"] * alarm["Period"] // 60
    assert minutes > 5, "Recover frees a lock only when no late step can be in flight any more"


def test_every_metric_is_explained() -> None:
    assert set(re.findall(r"^\| `(\w+)` \| (?:`service`|the same)", DOCUMENT, re.MULTILINE)) == set(gauges.UNITS)


def dashboard() -> Document:
    """Give the dashboard's body, with what CloudFormation fills in as `<Name>`."""
    (properties,) = resources("AWS::CloudWatch::Dashboard").values()
    text: str = properties["DashboardBody"]["Fn::Sub"]
    body: Document = json.loads(re.sub(r"\$\{([\w:.]+)\}", r"<\1>", text).replace("${!", "${"))
    return body


def widgets(kind: str) -> list[Document]:
    return [each["properties"] for each in dashboard()["widgets"] if each["type"] == kind]


def searches() -> list[Search]:
    return [Search.of(metric["expression"]) for each in widgets("metric") for (metric,) in each["metrics"]]


def test_every_series_of_the_dashboard_is_found_by_quoted_values() -> None:
    """Reading them refuses what is not quoted."""
    of_targets = set(gauges.UNITS) - {gauges.LOCKS_LEFT, gauges.SKEW}
    assert {search.metric for search in searches() if search.namespace == NAMESPACE} == of_targets
    lambdas = [search for search in searches() if search.namespace == "AWS/Lambda"]
    assert {search.metric for search in lambdas} == {"Invocations", "Errors", "Duration", "Throttles"}
    assert {search.dimensions for search in lambdas} == {frozenset({"FunctionName", "Resource", "ExecutedVersion"})}


def test_each_series_is_of_the_function_that_is_chosen_among_those_that_were_released() -> None:
    (variable,) = dashboard()["variables"]
    assert (variable["type"], variable["populateFrom"]) == ("pattern", "FunctionName")
    assert {search.values["FunctionName"] for search in searches()} == {variable["pattern"]}
    chosen_from = Search.of_terms(variable["search"])
    assert (chosen_from.namespace, chosen_from.metric) == (NAMESPACE, gauges.WEIGHT)
    assert chosen_from.values == {"service": "<AWS::StackName>"}


def test_the_dashboard_names_what_the_template_has() -> None:
    named = set(re.findall(r"<(\w+)\.Arn>", json.dumps(dashboard())))
    assert named == {"WidgetFunction", *ALARMS}
    (releases,) = widgets("custom")
    assert releases["endpoint"] == "<WidgetFunction.Arn>"
    assert {each["region"] for each in widgets("metric")} == {"<AWS::Region>"}


def test_no_widget_of_the_dashboard_lies_over_another_or_beside_the_page() -> None:
    taken = [
        (x, y)
        for each in dashboard()["widgets"]
        for x in range(each["x"], each["x"] + each["width"])
        for y in range(each["y"], each["y"] + each["height"])
    ]
    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24, "CloudWatch has 24 columns"


def test_the_dashboard_and_its_function_are_there_only_where_they_are_asked_for() -> None:
    assert template()["Parameters"]["Dashboard"]["Default"] == "false"
    for name in ("DashboardPage", "WidgetFunction"):
        assert template()["Resources"][name]["Condition"] == "HasDashboard"
    assert template()["Outputs"]["DashboardLink"]["Condition"] == "HasDashboard"


def test_the_search_that_others_may_use_finds_what_ours_do() -> None:
    (shown,) = re.findall(r"`(SEARCH\(.+?\))`", DOCUMENT)
    search = Search.of(shown)
    (ours,) = (each for each in searches() if each.metric == search.metric)
    assert (search.namespace, search.dimensions, search.stat) == (ours.namespace, ours.dimensions, ours.stat)
