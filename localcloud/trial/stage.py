"""The environment of the releases: a local cloud with Tidegate, a function under traffic, and its dependency."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from localcloud.cloud import REGION, LocalCloud
from localcloud.deploy import zipped
from localcloud.traffic import Traffic
from localcloud.trial.stock import StockService

INSTALLED = Path(__file__).parents[1] / "application"
"""Where a wheel has Tidegate itself; in a checkout it is the checkout."""
TEMPLATE = (INSTALLED if INSTALLED.exists() else Path(__file__).parents[2]) / "template.yaml"
FUNCTIONS = Path(__file__).parent / "functions"
FUNCTION, ALIAS = "checkout", "live"
TARGET = f"{FUNCTION}:{ALIAS}"
BUCKET = "checkout-builds"
RULE = "nightly-report"
METRICS_SECONDS = 60.0
PER_SECOND = 2.0
"""Requests an emulated second."""

PARAMETERS = {
    "FunctionPattern": FUNCTION,
    "CodeBucketPattern": BUCKET,
    "AllowConfiguration": "true",
    "ParameterPattern": f"{FUNCTION}/*",
}


@dataclass(frozen=True)
class AliasNow:
    version: str
    weights: dict[str, float]

    def __str__(self) -> str:
        if not self.weights:
            return f"100 % on version {self.version}"
        return f"version {self.version} with " + ", ".join(f"{100 * w:g} % on {v}" for v, w in self.weights.items())


@dataclass(frozen=True)
class Stage:
    """`lambda_client` tries again when it is throttled: it shares its quota with the releases."""

    cloud: LocalCloud
    lambda_client: Any
    machine: str
    ledger: str
    stock: StockService
    traffic: Traffic

    def now(self) -> float:
        return self.cloud.clock.time()

    def start(self, name: str, request: dict[str, Any]) -> str:
        """Start a release; give its execution's ARN."""
        client = self.cloud.client("stepfunctions")
        answer = client.start_execution(stateMachineArn=self.machine, name=name, input=json.dumps(request))
        return str(answer["executionArn"])

    def execution(self, arn: str) -> Any:
        return self.cloud.client("stepfunctions").describe_execution(executionArn=arn)

    def stop(self, arn: str, cause: str) -> None:
        self.cloud.client("stepfunctions").stop_execution(executionArn=arn, error="Demo", cause=cause)

    def alias(self) -> AliasNow:
        found = self.lambda_client.get_alias(FunctionName=FUNCTION, Name=ALIAS)
        return AliasNow(found["FunctionVersion"], found.get("RoutingConfig", {}).get("AdditionalVersionWeights", {}))

    def latest(self) -> Any:
        """Return the configuration of $LATEST, by the one call whose quota leaves the release's own alone."""
        return self.lambda_client.get_function(FunctionName=FUNCTION)["Configuration"]

    def locks(self) -> list[str]:
        """Return the aliases that the ledger says are held, with the release that holds each."""
        items = self.cloud.client("dynamodb").query(
            TableName=self.ledger,
            KeyConditionExpression="pk = :locks",
            ExpressionAttributeValues={":locks": {"S": "locks"}},
            ConsistentRead=True,
        )["Items"]
        return [f"{item['sk']['S']} by {item['release']['S']}" for item in items]

    def put_code(self, folder: str) -> None:
        """Return $LATEST the code of one of the sample's versions, as a build pipeline would."""
        self.cloud.update_code(FUNCTION, FUNCTIONS / folder)

    def upload_code(self, folder: str) -> dict[str, str]:
        """Put the code into the bucket for builds; give the request's `code`."""
        key = f"{folder}.zip"
        self.cloud.client("s3").put_object(Bucket=BUCKET, Key=key, Body=zipped(FUNCTIONS / folder))
        return {"s3_bucket": BUCKET, "s3_key": key}

    def put_parameter(self, name: str, value: str) -> dict[str, str]:
        """Write a parameter; give the request's reference to it."""
        path = f"/{FUNCTION}/{name}"
        self.cloud.client("ssm").put_parameter(Name=path, Value=value, Type="String", Overwrite=True)
        return {"ssm": path}

    def call_unqualified(self, times: int) -> None:
        """Have a rule call the function without its alias, and wait until the metrics count so many calls."""
        events, function = self.cloud.client("events"), self.latest()["FunctionArn"]
        rule = events.put_rule(Name=RULE, ScheduleExpression="rate(1 day)")["RuleArn"]
        events.put_targets(Rule=RULE, Targets=[{"Id": "1", "Arn": function}])
        source = {"Principal": "events.amazonaws.com", "SourceArn": rule}
        self.lambda_client.add_permission(
            FunctionName=FUNCTION, StatementId=RULE, Action="lambda:InvokeFunction", **source
        )
        for number in range(times):
            self.lambda_client.invoke(FunctionName=FUNCTION, Payload=json.dumps(_order(number)))
        self.cloud.clock.sleep(METRICS_SECONDS)


@contextmanager
def opened(clock: float | None, **parameters: str) -> Iterator[Stage]:
    """Start a local cloud, deploy Tidegate and the sample function, and let traffic flow."""
    with LocalCloud(factor=clock) as cloud, StockService(cloud.clock) as stock:
        outputs = cloud.deploy(TEMPLATE, PARAMETERS | parameters).outputs
        cloud.client("s3").create_bucket(Bucket=BUCKET)
        settings = {"STOCK_URL": stock.url, "CONFIGURATION": "old"}
        cloud.create_function(FUNCTION, FUNCTIONS / "first", timeout=10, environment=settings, alias=ALIAS)
        with Traffic(cloud.client("lambda"), cloud.clock, TARGET, per_second=PER_SECOND, event=_order) as traffic:
            yield Stage(
                cloud, _patient_client(cloud), outputs["StateMachineArn"], outputs["LedgerTable"], stock, traffic
            )


def _patient_client(cloud: LocalCloud) -> Any:
    config = Config(retries={"mode": "standard", "total_max_attempts": 6})
    keys: dict[str, Any] = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    session: Any = boto3.Session(**keys, region_name=REGION)
    return session.client("lambda", endpoint_url=cloud.endpoint, config=config)


def _order(number: int) -> dict[str, int]:
    """Return the order with this number: of 1 to 10 items, three of ten orders of more than seven."""
    return {"order": number, "items": number * 7 % 10 + 1}
