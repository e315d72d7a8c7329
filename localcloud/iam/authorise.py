"""May this caller do this? Explicit deny beats allow, and a permissions boundary must allow it too."""

from dataclasses import dataclass, field

from localcloud.iam import stored
from localcloud.iam.context import Context, Values
from localcloud.iam.identity import Caller
from localcloud.iam.policy import Statement, statements


@dataclass(frozen=True)
class Demand:
    """One action on one resource that a call needs; `values` are the condition keys that go with it.

    Without an `optional` one, the answer contains less.
    """

    action: str
    resource: str = "*"
    values: Values = field(default_factory=dict)
    optional: bool = False


@dataclass(frozen=True)
class Decision:
    """`statements` are those that allow; `reason` is AWS's message for a denial."""

    allowed: bool
    statements: tuple[str, ...] = ()
    reason: str = ""


def decide(caller: Caller, region: str, demand: Demand) -> Decision:
    """Evaluate the stored policies of the caller's role; the administrator may do everything."""
    role = caller.role_arn
    if role is None:
        return Decision(True)
    context = Context(caller, region, demand.resource, demand.values)
    identity = [
        statement
        for name, document in stored.identity_policies(role).items()
        for statement in statements(f"{caller.role_name}/{name}", document)
    ]
    decision = _weigh(identity, demand, context, "identity-based policy")
    limits = stored.boundary(role)
    if limits is None or not decision.allowed:
        return decision
    within = _weigh(list(statements("boundary", limits)), demand, context, "permissions boundary")
    return decision if within.allowed else within


def _weigh(policy: list[Statement], demand: Demand, context: Context, kind: str) -> Decision:
    applying = [one for one in policy if one.applies(demand.action, demand.resource, context)]
    if any(one.effect == "Deny" for one in applying):
        article = "an" if kind[0] in "aeiou" else "a"
        return Decision(False, reason=f"with an explicit deny in {article} {kind}")
    allowing = tuple(one.id for one in applying if one.effect == "Allow")
    if not allowing:
        return Decision(False, reason=f"because no {kind} allows the {demand.action} action")
    return Decision(True, allowing)
