"""boto3 clients of this cloud: cached, because creating one is slow, and thread-safe."""

from functools import cache
from threading import Lock
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import create_loader
from moto.core import utils
from moto.core.models import DEFAULT_ACCOUNT_ID

from localcloud.clock import current
from localcloud.front.connection import WORK
from localcloud.iam import administrator_of, credentials_for

LONGEST_INVOCATION_SECONDS = 900
CONNECTIONS = 100


models_of_services = cache(create_loader)
"""One loader for all: it keeps what it has read, and endpoints alone take a tenth of a second."""

vars(utils)["create_loader"] = cache(create_loader)
"""Another one for moto, which makes one for each service: clients of S3 change the model that they are given."""


class Clients:
    def __init__(self, endpoint: str) -> None:
        self._endpoint = endpoint
        self._lock = Lock()
        self._kept: dict[tuple[str, str, str | None, str], Any] = {}

    def acting_as(self, service: str, region: str, role_arn: str | None, account: str = DEFAULT_ACCOUNT_ID) -> Any:
        """Return a client that acts in the role (None: as the administrator of `account`) and never retries."""
        with self._lock:
            key = (service, region, role_arn, account)
            if key not in self._kept:
                self._kept[key] = self._new(service, region, role_arn, account)
            return self._kept[key]

    def _new(self, service: str, region: str, role_arn: str | None, account: str) -> Any:
        config = Config(
            parameter_validation=role_arn is None,
            retries={"total_max_attempts": 1},
            read_timeout=LONGEST_INVOCATION_SECONDS,
            max_pool_connections=CONNECTIONS,
            s3={"addressing_style": "path"},
        )
        models = botocore.session.get_session()
        models.register_component("data_loader", models_of_services())
        session: Any = boto3.Session(**_keys(role_arn, account), region_name=region, botocore_session=models)
        client = session.client(service, endpoint_url=self._endpoint, config=config)
        client.meta.events.register("before-send", _name_work)
        return client


def _name_work(request: Any, **_: Any) -> None:
    if name := current().name():
        request.headers[WORK] = name


def _keys(role_arn: str | None, account: str) -> dict[str, Any]:
    credentials = administrator_of(account) if role_arn is None else credentials_for(role_arn)
    return {
        "aws_access_key_id": credentials.access_key_id,
        "aws_secret_access_key": credentials.secret_access_key,
        "aws_session_token": credentials.session_token or None,
    }
