"""What someone asks for: read, checked as far as that is possible without asking AWS, with defaults filled in."""

from tidegate.domain.request.analysis import After, Analysis
from tidegate.domain.request.capacity import Pace, pace_of
from tidegate.domain.request.code import Code
from tidegate.domain.request.configuration import Configuration
from tidegate.domain.request.environment import Reference
from tidegate.domain.request.limits import Limits
from tidegate.domain.request.metrics import MetricRequest
from tidegate.domain.request.models import Probe, Request, TargetRequest
from tidegate.domain.request.parse import parse_request

__all__ = [
    "After",
    "Analysis",
    "Code",
    "Configuration",
    "Limits",
    "MetricRequest",
    "Pace",
    "Probe",
    "Reference",
    "Request",
    "TargetRequest",
    "pace_of",
    "parse_request",
]
