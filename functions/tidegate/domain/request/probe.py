"""The probe in a request: how the new version is tried before it gets traffic."""

from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from tidegate.domain.request.fields import Document, Many, PlainName, TenantId

MOST_CALLS = 10


class ProbeCall(Document):
    """One invocation of the new version."""

    payload: Any = Field(
        default=None,
        description="Event to invoke the version with; any function error then fails the release. Without a payload "
        "the event is empty, and only an init error or a time-out fails the release.",
        examples=[{"ping": True}],
    )
    expect: Any = Field(
        default=None,
        description="What must be in the answer: these keys of an object with these values, or exactly this value. "
        "Conditions in JSONata are not possible.",
        examples=[{"ok": True}],
    )

    @property
    def has_payload(self) -> bool:
        """Return whether one was given; null is a payload too."""
        return "payload" in self.model_fields_set

    @property
    def has_expect(self) -> bool:
        return "expect" in self.model_fields_set

    @model_serializer(mode="wrap")
    def _as_given(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        given = self.model_fields_set
        document: dict[str, Any] = handler(self)
        return {name: value for name, value in document.items() if name in given}


class Probe(ProbeCall):
    """The probe of a new version before it receives traffic."""

    kind: Literal["invoke", "provision", "function", "none"] = Field(
        default="invoke",
        description="`invoke` invokes the version; `provision` only starts it, in one provisioned environment that is "
        "removed again, for functions that must not be invoked (requires Tidegate's parameter ProvisionedProbes); "
        "`function` asks a function of yours about it; `none` does not try it, on purpose: its first request does.",
        examples=["invoke"],
    )
    calls: Annotated[Many[ProbeCall], Field(min_length=1, max_length=MOST_CALLS)] = Field(
        default=(),
        description="Several concurrent invocations instead of one, each in its own execution environment, "
        "with its own payload and expectation. If one cannot be made, all are made again.",
        examples=[[{"payload": {"ping": True}, "expect": {"ok": True}}, {}]],
    )
    function: PlainName | None = Field(
        default=None,
        description="Your function for the kind `function`: it receives the release, the version and its ARN, and "
        'answers `{"ok": true}` or `{"ok": false, "reason": "…"}`. Requires Tidegate\'s parameter '
        "HookFunctionPattern.",
        examples=["release-check"],
    )
    tenant: TenantId | None = Field(
        default=None,
        description="Tenant for which the version is invoked; required where the function isolates tenants "
        "(TenancyConfig), and only there. Choose one that has no data, because its environments run the new version.",
        examples=["release-check"],
    )
    max_init_seconds: Annotated[float, Field(gt=0, le=900)] | None = Field(
        default=None,
        description="Longest init that passes. Lambda stops an init after 10 s and runs it again inside the "
        "invocation; both runs count.",
        examples=[3],
    )
    max_init_ratio: Annotated[float, Field(ge=1, le=100)] | None = Field(
        default=None,
        description="Longest init that passes, as a multiple of the old version's init in its own probe. Without a "
        "recorded probe of the old version nothing is compared, and the release says so.",
        examples=[2],
    )

    @property
    def invocations(self) -> tuple[ProbeCall, ...]:
        return self.calls or (self,)
