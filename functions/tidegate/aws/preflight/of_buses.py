"""What rules of EventBridge pass on of the results of targets whose asynchronous calls have a bus as destination."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from tidegate.aws.preflight.aim import Aim
from tidegate.aws.preflight.of_account import MOST, each_of
from tidegate.aws.preflight.of_function import pages
from tidegate.domain.planning.event_patterns import may_match, result_event
from tidegate.domain.planning.known_calls import destinations, listed
from tidegate.domain.planning.preflight.survey import Partial

Known = tuple[Aim, Mapping[str, Any]]
"""A target, and the facts about it."""


def buses(known: Known) -> list[tuple[str, str]]:
    """Return the buses of its account that receive results of a target, with the way: OnSuccess or OnFailure."""
    aim, facts = known
    found = destinations(aim.alias, listed(facts.get("event-configs")))
    return [(arn, way) for way, arn in found if ":event-bus/" in arn and _place(arn) == _place(aim.arn)]


def _place(arn: str) -> list[str]:
    """Return the Region and the account."""
    return arn.split(":")[3:5]


def passed_on(senders: Sequence[Known], _now: int) -> dict[str, list[tuple[str, str, str]]] | Partial:
    """Return (bus, rule, target of the rule) by the ARN of the sending function.

    The rules of a bus are one list; only those that can match cost a call each.
    """
    sent = [(aim.arn, bus, way) for aim, facts in senders for bus, way in buses((aim, facts))]
    rules, why = each_of({bus: partial(_rules, bus) for _, bus, _ in sent})
    matching = {
        (arn, bus, rule["Name"])
        for arn, bus, way in sent
        for rule in rules.get(bus, ())
        if may_match(rule["EventPattern"], result_event(arn, bus, way))
    }
    places = {(bus, rule) for _, bus, rule in matching}
    targets, also = each_of({place: partial(_targets, *place) for place in sorted(places)})
    found: dict[str, list[tuple[str, str, str]]] = {aim.arn: [] for aim, _ in senders}
    for arn, bus, rule in sorted(matching):
        found[arn] += [(bus, rule, target) for target in targets.get((bus, rule), ())]
    return Partial(found, why or also) if why or also else found


def _rules(bus: str) -> list[dict[str, Any]]:
    rules = pages("events", "list_rules", "Rules", most=MOST, EventBusName=bus)
    return [each for each in rules if each.get("EventPattern") and each.get("State") != "DISABLED"]


def _targets(bus: str, rule: str) -> list[str]:
    return [each["Arn"] for each in pages("events", "list_targets_by_rule", "Targets", Rule=rule, EventBusName=bus)]
