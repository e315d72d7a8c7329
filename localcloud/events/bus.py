"""EventBridge: moto's buses and rules, delivering to functions, state machines, queues, topics, buses; on schedules."""

import copy
from collections.abc import Callable, Mapping
from typing import Any

from moto.events.exceptions import ValidationException
from moto.events.models import EventsBackend, Rule, events_backends

from localcloud import faults, stepfunctions
from localcloud.api.call import ApiCall
from localcloud.events.delivery import Delivery
from localcloud.events.envelope import for_moto, from_moto, scheduled_event, status_event
from localcloud.events.forwarding import place
from localcloud.events.schedule import Scheduler, next_time
from localcloud.events.services import event_of
from localcloud.front import gate

OURS = ("lambda", "sns", "sqs", "states")
"""Services whose targets we deliver to, besides buses; the others (logs, archives) are moto's."""

_motos_delivery = Rule.send_to_targets
_motos_put_events = EventsBackend.put_events
_motos_put_rule = EventsBackend.put_rule


class Events:
    """The part of the cloud that brings events to where they should go."""

    def __init__(self, client: Callable[..., Any]) -> None:
        self._delivery = Delivery(client, self._to_bus)
        self._scheduler = Scheduler(_schedules, self._on_schedule)

    def start(self) -> None:
        Rule.send_to_targets = lambda rule, event, transform_input=True: self._send(rule, event, transform_input)
        EventsBackend.put_events = _refusing_aws_sources
        EventsBackend.put_rule = _refusing_bad_schedules
        stepfunctions.status_observers.append(self._on_status)
        gate.observers.append(self._on_call)
        self._scheduler.start()

    def stop(self) -> None:
        stepfunctions.status_observers.remove(self._on_status)
        gate.observers.remove(self._on_call)
        self._scheduler.stop()
        self._delivery.stop()
        Rule.send_to_targets = _motos_delivery
        EventsBackend.put_events = _motos_put_events
        EventsBackend.put_rule = _motos_put_rule

    def _send(self, rule: Any, event: Mapping[str, Any], transform_input: bool) -> None:
        waits_for_events = rule.event_pattern.dump() or not rule.scheduled_expression
        if rule.state == "DISABLED" or not waits_for_events:
            return
        if rule.event_pattern.matches_event(event):
            self._to_targets(rule, from_moto(event))
            _motos_delivery(_with_targets(rule, ours=False), event, transform_input)

    def _to_targets(self, rule: Any, event: Mapping[str, Any]) -> None:
        for target in _with_targets(rule, ours=True).targets:
            self._delivery.later(rule, target, event)

    def _on_status(self, execution: stepfunctions.LocalExecution) -> None:
        event = for_moto(status_event(execution))
        for seconds in faults.event_deliveries(execution.name, execution.status):
            self._delivery.after(seconds, self._to_rules, execution.account_id, execution.region_name, event)

    def _on_call(self, call: ApiCall, status: int, body: Any) -> None:
        event = event_of(call, status, body)
        if event:
            self.tell(event)

    def tell(self, event: Mapping[str, Any]) -> None:
        """Tell the rules of the default bus an event as one of AWS' services would, which PutEvents refuses."""
        self._delivery.soon(self._to_rules, event["account"], event["region"], for_moto(event))

    def _to_bus(self, bus: str, event: Mapping[str, Any]) -> None:
        """Give a bus what a rule sends it: with the account and the Region that it came from."""
        region, account, name = place(bus)
        self._to_rules(account, region, for_moto(event), name)

    def _to_rules(self, account: str, region: str, event: Mapping[str, Any], bus: str = "default") -> None:
        for rule in list(events_backends[account][region].describe_event_bus(bus).rules.values()):
            self._delivery.soon(rule.send_to_targets, copy.deepcopy(event))

    def _on_schedule(self, arn: str) -> None:
        rule = _rules().get(arn)
        if rule:
            event = scheduled_event(arn, rule.account_id, rule.region_name)
            self._to_targets(rule, event)


def _with_targets(rule: Any, *, ours: bool) -> Any:
    """Give the rule with only the targets that we deliver to, or only those that moto can."""
    part = copy.copy(rule)
    part.targets = [target for target in rule.targets if _is_ours(target["Arn"]) is ours]
    return part


def _is_ours(arn: str) -> bool:
    return arn.split(":")[2] in OURS or ":event-bus/" in arn


def _rules() -> dict[str, Any]:
    backends = [backend for regions in list(events_backends.values()) for backend in list(regions.values())]
    rules = [rule for backend in backends for rule in list(backend.describe_event_bus("default").rules.values())]
    return {rule.arn: rule for rule in rules if rule.state == "ENABLED"}


def _schedules() -> dict[str, str]:
    return {arn: rule.scheduled_expression for arn, rule in _rules().items() if rule.scheduled_expression}


def _refusing_aws_sources(backend: Any, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Only AWS itself sends events as `aws.…`."""
    refused = {
        "ErrorCode": "NotAuthorizedForSourceException",
        "ErrorMessage": "Not authorized for the source.",
    }
    ours = [event for event in events if not str(event.get("Source", "")).startswith("aws.")]
    entries = iter(_motos_put_events(backend, ours))
    return [next(entries) if event in ours else refused for event in events]


def _refusing_bad_schedules(backend: Any, *arguments: Any, **options: Any) -> Any:
    if expression := options.get("scheduled_expression"):
        try:
            next_time(expression, 0.0)
        except ValueError as error:
            raise ValidationException("Parameter ScheduleExpression is not valid.") from error
    return _motos_put_rule(backend, *arguments, **options)
