"""Schedules of EventBridge Scheduler as CloudFormation resources, which moto does not support."""

from typing import Any, Self

from moto.core.common_models import CloudFormationModel
from moto.scheduler.models import scheduler_backends

from localcloud.deploy.named import NamedResource


class ScheduleResource(NamedResource, CloudFormationModel):
    @staticmethod
    def cloudformation_name_type() -> str:
        return "Name"

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::Scheduler::Schedule"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **_: Any
    ) -> Self:
        given = cloudformation_json["Properties"]
        made = scheduler_backends[account_id][region_name].create_schedule(
            description=given.get("Description", ""),
            end_date=given.get("EndDate"),
            flexible_time_window=given["FlexibleTimeWindow"],
            group_name=given.get("GroupName", "default"),
            kms_key_arn=given.get("KmsKeyArn"),
            name=given.get("Name", resource_name),
            schedule_expression=given["ScheduleExpression"],
            schedule_expression_timezone=given.get("ScheduleExpressionTimezone", "UTC"),
            start_date=given.get("StartDate"),
            state=given.get("State", "ENABLED"),
            target=given["Target"],
            action_after_completion=None,
        )
        return cls(made.name, made.arn)
