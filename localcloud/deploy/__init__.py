"""Deploying templates and functions."""

from localcloud.deploy.alarms import AlarmResource
from localcloud.deploy.bus_policies import BusPolicyResource
from localcloud.deploy.errors import TemplateError
from localcloud.deploy.functions import FunctionMaker, zipped
from localcloud.deploy.queue_policies import QueuePolicyResource
from localcloud.deploy.resources import install
from localcloud.deploy.schedules import ScheduleResource
from localcloud.deploy.stack import Deployment, deploy

__all__ = [
    "AlarmResource",
    "BusPolicyResource",
    "Deployment",
    "FunctionMaker",
    "QueuePolicyResource",
    "ScheduleResource",
    "TemplateError",
    "deploy",
    "install",
    "zipped",
]
