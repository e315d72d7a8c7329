"""AWS's public prices, where each was read and when; us-east-1, on demand, arm64, without free tiers."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Price:
    """Dollars for so many units of something, and where they were found on the day of READ."""

    dollars: float
    unit: str
    page: str
    found: str

    def row(self, name: str) -> str:
        return f"| {name} | ${self.dollars:g} {self.unit} | {self.page} | {self.found} |"


READ = "2026-11-24"
"""AWS's pages fill most of their prices in while they are looked at: a copy of a page mostly has none."""

STEP_FUNCTIONS = "[Step Functions](https://aws.amazon.com/step-functions/pricing/)"
LAMBDA = "[Lambda](https://aws.amazon.com/lambda/pricing/)"
CLOUDWATCH = "[CloudWatch](https://aws.amazon.com/cloudwatch/pricing/)"
DYNAMODB = "[DynamoDB](https://aws.amazon.com/dynamodb/pricing/on-demand/)"
EVENTBRIDGE = "[EventBridge](https://aws.amazon.com/eventbridge/pricing/)"
XRAY = "[X-Ray](https://aws.amazon.com/xray/pricing/)"

ITSELF = "on that page, in its table by Region"
OF_LAMBDA = "by [others, 2024](https://cloudchipr.com/blog/aws-lambda-pricing)"
OF_REQUESTS = "by [others, 2025-07-21](https://airbyte.com/data-engineering-resources/dynamodb-pricing)"
OF_METRICS = "by [others, 2022-04-29](https://github.com/nishinoshake/aws-rough/issues/37)"
OF_THE_REST = "by [others, 2026-06-13](https://www.factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards/)"

COUNTED = {
    "state transitions": Price(25, "a million", STEP_FUNCTIONS, ITSELF),
    "invocations": Price(
        0.2, "a million", LAMBDA, "by [others, 2026-05-11](https://git.mcrn.ar/mariano/lambda_local_runner)"
    ),
    "GB-seconds of functions": Price(13.3334, "a million", LAMBDA, OF_LAMBDA),
    "metrics read": Price(10, "a million", CLOUDWATCH, OF_METRICS),
    "units written to the ledger": Price(0.625, "a million", DYNAMODB, OF_REQUESTS),
    "units read from the ledger": Price(0.125, "a million", DYNAMODB, OF_REQUESTS),
    "events": Price(
        1, "a million", EVENTBRIDGE, "by [others, 2026-03-13](https://cloudburn.io/blog/amazon-eventbridge-pricing)"
    ),
}
"""What a release is counted in."""

OTHERS = {
    "a custom metric": Price(
        0.3, "a month", CLOUDWATCH, "by [others, 2026-02-15](https://signoz.io/guides/cloudwatch-pricing)"
    ),
    "an alarm": Price(
        0.1,
        "a month",
        CLOUDWATCH,
        "by [others](https://c3x.dev/resources/aws/aws_cloudwatch_metric_alarm), without a date",
    ),
    "a dashboard": Price(3, "a month", CLOUDWATCH, OF_THE_REST),
    "logs": Price(0.5, "a GB", CLOUDWATCH, OF_THE_REST),
    "traces": Price(5, "a million", XRAY, "on that page, in its examples"),
    "what the ledger keeps": Price(
        0.25, "a GB and month", "[DynamoDB](https://aws.amazon.com/dynamodb/pricing/)", "on that page, in an older copy"
    ),
}


def table() -> str:
    head = [f"| what | price | of | found again ({READ}) |", "|---|---|---|---|"]
    return "\n".join(head + [price.row(name) for name, price in (COUNTED | OTHERS).items()])
