"""Templates in the shapes of ten public examples: what Plan finds in each, beside what is there to be found."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from bench.figure import Figure
from bench.preflight.planning import Planner
from localcloud import LocalCloud
from localcloud.deploy import Deployment

COMMAND = "make bench-preflight"
FOLDER = Path(__file__).parent / "templates"

OWNED = "alias-owned-by-template"
"""Every template has its alias from SAM's AutoPublishAlias."""

EXPECTED: Mapping[str, set[str]] = {
    "api": {OWNED},
    "queue": {OWNED, "batch-failures"},
    "stream": {OWNED},
    "topic": {OWNED, "unqualified-callers", "policy-not-on-alias"},
    "bucket": {OWNED, "async-retries"},
    "schedule": {OWNED, "unqualified-callers"},
    "workflow": {OWNED, "unqualified-callers"},
    "layer": {OWNED},
    "url": {OWNED},
    "rule": {OWNED, "async-retries"},
}
"""The checks that find something in a template, by its name: each is true of it."""

MINUTES = 60
CALLS = 200


def measure(cloud: LocalCloud, planner: Planner) -> Iterator[Figure]:
    wrong: list[str] = []
    missed: list[str] = []
    for name, expected in EXPECTED.items():
        found = planner.findings(_function(cloud, cloud.deploy(FOLDER / f"{name}.yaml", stack_name=name)))
        checks = {each.partition(":")[0] for each in found}
        wrong += [
            f"{name}: {each}" for each in found if each.partition(":")[0] not in expected or "could not look" in each
        ]
        missed += [f"{name}: {each}" for each in expected - checks]
    shapes = f"{len(EXPECTED)} templates: {', '.join(EXPECTED)}"
    yield Figure("false findings", len(wrong), "findings", 0, "; ".join(wrong) or shapes, command=COMMAND)
    yield Figure("findings that were missed", len(missed), "findings", 0, "; ".join(missed) or shapes, command=COMMAND)


def _function(cloud: LocalCloud, stack: Deployment) -> str:
    """Return the name of the stack's function, which is called through its alias, and whose code changes.

    CloudFormation on AWS marks it with the stack's name.
    """
    client = cloud.client("lambda")
    (function,) = (
        found for found in client.list_functions()["Functions"] if found["FunctionName"] in stack.resources.values()
    )
    name = str(function["FunctionName"])
    client.tag_resource(Resource=function["FunctionArn"], Tags={"aws:cloudformation:stack-name": stack.stack_name})
    client.update_function_configuration(FunctionName=name, Description="to be released")
    now = cloud.clock.time()
    for minute in range(1, MINUTES):
        cloud.metrics.put_invocations(name, "live", "1", now - minute * 60, invocations=CALLS)
    return name
