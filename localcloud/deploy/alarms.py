"""Alarms as CloudFormation resources, which moto does not support."""

import re
from typing import Any, Self

from moto.cloudwatch.models import cloudwatch_backends
from moto.core.common_models import CloudFormationModel

from localcloud.deploy.named import NamedResource

RENAMED = {"alarm_description": "description", "o_k_actions": "ok_actions", "alarm_name": "name"}
UNSAID: dict[str, Any] = {"description": "", "dimensions": [], "alarm_actions": [], "statistic": None}


class AlarmResource(NamedResource, CloudFormationModel):
    @staticmethod
    def cloudformation_name_type() -> str:
        return "AlarmName"

    @staticmethod
    def cloudformation_type() -> str:
        return "AWS::CloudWatch::Alarm"

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: dict[str, Any], account_id: str, region_name: str, **_: Any
    ) -> Self:
        written = cloudformation_json["Properties"].items()
        given = {_argument(name): value for name, value in written if value is not None}
        backend = cloudwatch_backends[account_id][region_name]
        alarm = backend.put_metric_alarm(**{**UNSAID, **given, "name": resource_name})
        return cls(alarm.name, alarm.alarm_arn)


def _argument(name: str) -> str:
    """Spell a property as moto's argument: EvaluationPeriods as evaluation_periods."""
    spelled = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    return RENAMED.get(spelled, spelled)
