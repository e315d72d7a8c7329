"""The functions' log: JSON lines, each with its release; in ASCII, so that no text can control a terminal."""

import json
from functools import partial

from aws_lambda_powertools import Logger

logger = Logger(service="tidegate", json_serializer=partial(json.dumps, default=str, separators=(",", ":")))
