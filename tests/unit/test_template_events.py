"""template.yaml: what is started by events, what is told, and the outputs."""

import re

from tests.reading import ROOT, functions, resources, template


def test_the_topic_is_told_what_the_example_for_chat_tells() -> None:
    chat = (ROOT / "docs/chat.yaml").read_text()
    pattern = resources("AWS::Events::Rule")["TellTopic"]["EventPattern"]
    assert re.findall(r"- (Release [A-Z][\w ]+)", chat) == pattern["detail-type"]


def test_recover_starts_by_the_minute_and_when_an_execution_ends_badly() -> None:
    events = functions()["RecoverFunction"]["Events"]
    assert events["EveryMinute"]["Properties"]["Schedule"] == "rate(1 minute)"
    pattern = events["ExecutionEnded"]["Properties"]["Pattern"]
    assert pattern["detail"]["stateMachineArn"] == [{"Ref": "ReleaseStateMachine"}]
    assert set(pattern["detail"]["status"]) >= {"FAILED", "TIMED_OUT", "ABORTED"}


def test_the_outputs_say_how_to_start_and_where_to_watch() -> None:
    assert {"StateMachineArn", "ConsoleLink"} <= set(template()["Outputs"])
    assert all(output["Description"] for output in template()["Outputs"].values())
