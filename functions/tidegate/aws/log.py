"""The functions' log: JSON lines, each with its release."""

from aws_lambda_powertools import Logger

logger = Logger(service="tidegate")
