"""The one invoker of this process: moto's backends come and go with a reset, environments do not."""

from localcloud.lambda_ import errors
from localcloud.lambda_.backends import calls_of
from localcloud.lambda_.invoke import Invoker

_invoker: Invoker | None = None


def start() -> None:
    global _invoker  # noqa: PLW0603 - one process holds one cloud
    if _invoker is None:
        _invoker = Invoker()


def invoker() -> Invoker:
    """Give the invoker. Raises ServiceException outside of `start` and `shutdown`: nothing may start then."""
    if _invoker is None:
        raise errors.stopping()
    return _invoker


def shutdown() -> None:
    """End all execution environments and what waits for them."""
    global _invoker
    ending, _invoker = _invoker, None
    if ending:
        ending.shutdown()


def kill_environment(access_key_id: str) -> bool:
    """Kill the process of the execution environment that has these credentials. False if there is none."""
    return invoker().fleet.kill(access_key_id)


def invoke(function_arn: str, payload: bytes, *, invocation_type: str = "Event") -> tuple[bytes, str | None]:
    """Invoke as a service of AWS does (EventBridge, say): the payload of the answer, and the kind of error if any.

    `function_arn` may carry a qualifier. Raises moto's JsonRESTError: unknown function, throttled.
    """
    region, account_id = function_arn.split(":")[3:5]
    headers: dict[str, str] = {}
    backend = calls_of(account_id, region)
    answer = backend.invoke(function_arn, None, payload, {"X-Amz-Invocation-Type": invocation_type}, headers)
    return answer, headers.get("X-Amz-Function-Error")
