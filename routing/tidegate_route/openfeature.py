"""OpenFeature both ways: the router as a provider of flags, and any provider's flag as a decider.

It needs openfeature-sdk, which a caller installs who wants it (`tidegate-route[openfeature]`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import FlagResolutionDetails, Reason
from openfeature.provider import AbstractProvider, Metadata

from tidegate_route.document import STABLE
from tidegate_route.position import pseudonym
from tidegate_route.router import Decider, Router, request


def decider(client: OpenFeatureClient, *, flag: str = "{function}-channel") -> Decider:
    """Let a flag decide the channel: its value is `canary` or `stable`; anything else leaves it to the document.

    A flag that is missing or cannot be evaluated means stable. The flag is evaluated for the pseudonym as its targeting
    key, so that a vendor never sees a user's name.
    """

    def decide(function: str, key: str) -> str:
        found = client.get_string_details(flag.format(function=function), "", EvaluationContext(targeting_key=key))
        return STABLE if found.error_code else found.value

    return decide


class RouteProvider(AbstractProvider):
    """A flag's key is a function, its string the alias (qualifier) for the user who is the targeting key."""

    def __init__(self, router: Router) -> None:
        super().__init__()
        self._router = router

    def get_metadata(self) -> Metadata:
        return Metadata("tidegate")

    def resolve_string_details(
        self, flag_key: str, default_value: str, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[str]:
        """Decide for the targeting key; without one, for the user whom the router serves."""
        user = evaluation_context and evaluation_context.targeting_key
        if user and pseudonym(user) != request()[0].key:
            with self._router.serving(user):
                decision = self._router.qualifier(flag_key, explain=True)
        else:
            decision = self._router.qualifier(flag_key, explain=True)
        reason = Reason.SPLIT if decision.fields else Reason.TARGETING_MATCH
        told = {"why": decision.why}
        return FlagResolutionDetails(decision.qualifier, None, None, reason, decision.channel, told)

    def resolve_boolean_details(
        self, flag_key: str, default_value: bool, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[bool]:
        return _of_another_type(default_value)

    def resolve_integer_details(
        self, flag_key: str, default_value: int, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[int]:
        return _of_another_type(default_value)

    def resolve_float_details(
        self, flag_key: str, default_value: float, evaluation_context: EvaluationContext | None = None
    ) -> FlagResolutionDetails[float]:
        return _of_another_type(default_value)

    def resolve_object_details(
        self,
        flag_key: str,
        default_value: Sequence[Any] | Mapping[str, Any],
        evaluation_context: EvaluationContext | None = None,
    ) -> FlagResolutionDetails[Sequence[Any] | Mapping[str, Any]]:
        return _of_another_type(default_value)


def _of_another_type(default: Any) -> FlagResolutionDetails[Any]:
    message = "the alias of a function is a string"
    return FlagResolutionDetails(default, ErrorCode.TYPE_MISMATCH, message, Reason.ERROR)
