"""Statements in the policies of event buses as CloudFormation resources, which moto does not support."""

from typing import Any, Self

from moto.core.common_models import CloudFormationModel
from moto.events.models import events_backends


class BusPolicyResource(CloudFormationModel):
    """Adds its statement to the policy of a bus, under its id."""

    def __init__(self, physical_id: str, bus: str) -> None:
        self.physical_resource_id = physical_id
        self._bus = bus

    @staticmethod
    def cloudformation_name_type() -> str:
        return ""

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::Events::EventBusPolicy"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **_: Any
    ) -> Self:
        properties = cloudformation_json["Properties"]
        statement = {"Sid": properties["StatementId"], **properties["Statement"]}
        bus = events_backends[account_id][region_name].describe_event_bus(properties["EventBusName"])
        bus.add_policy({"Statement": [statement]})
        return cls(resource_name, bus.name)

    def delete(self, account_id: str, region: str) -> None:
        buses = events_backends[account_id][region].event_buses
        if self._bus in buses:  # or it is gone before its policy
            buses[self._bus].remove_statements()
