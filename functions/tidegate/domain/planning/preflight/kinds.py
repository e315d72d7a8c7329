"""Reasons to refuse a release because of its function's kind: tenants, managed instances, durable executions."""

from collections.abc import Iterator, Mapping
from typing import Any

from tidegate.domain.request.models import TargetRequest

TENANTS, MANAGED, DURABLE = "TenancyConfig", "CapacityProviderConfig", "DurableConfig"

NO_PROVISIONED = {
    TENANTS: "isolates tenants, and Lambda provisions no environments for such functions: name a tenant for an "
    'invocation; example: "probe": {"tenant": "release-check"}',
    MANAGED: "runs on Lambda Managed Instances, where Lambda starts the environments of a version when it is "
    'published, so that its State says whether it starts; example: "probe": {"kind": "none"}',
}
"""Why no provisioned environment can be a probe, and what can."""


def kind_obstacles(wanted: TargetRequest, configuration: Mapping[str, Any], path: str) -> Iterator[str]:
    probe, function = wanted.probe, wanted.function
    isolated = bool(configuration.get(TENANTS))
    if isolated and probe.kind == "invoke" and not probe.tenant:
        yield (
            f"{path}probe.tenant: {function} isolates tenants, and Lambda refuses an invocation without one: name a "
            'tenant without data for the probe; example: "probe": {"tenant": "release-check"}'
        )
    if probe.tenant and not isolated:
        yield (
            f"{path}probe.tenant: {function} does not isolate tenants, and Lambda refuses an invocation that names "
            'one: omit it; example: "probe": {"payload": {"ping": true}}'
        )
    for setting, why in NO_PROVISIONED.items():
        if probe.kind == "provision" and configuration.get(setting):
            yield f"{path}probe.kind: {function} {why}"
    yield from _durable(wanted, configuration.get(DURABLE) or {}, path)


def _durable(wanted: TargetRequest, durable: Mapping[str, Any], path: str) -> Iterator[str]:
    if durable:
        yield (
            f"{path}function: {wanted.function} is a durable function ({DURABLE}), which Tidegate does not release: an "
            "execution outlives the release, stays on the version that began it, and its failure is in no metric of "
            "that version, so that nothing would be judged; move the alias yourself; example: aws lambda update-alias "
            f"--function-name {wanted.function} --name {wanted.alias} --function-version N"
        )
