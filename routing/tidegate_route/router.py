"""Decides the channel of each function for the user who is served, once in a request."""

from __future__ import annotations

import json
import os
import time
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from typing import Any, Callable, Literal, NamedTuple, Optional, overload

from tidegate_route.carriers import CHANCE, FIELD, HEADER, PIN, USER, Incoming, incoming, joined, nothing
from tidegate_route.document import CANARY, STABLE, table_reader
from tidegate_route.documents import Documents, Read
from tidegate_route.lines import Meetings, Outcomes, warn
from tidegate_route.position import pseudonym

_digest = lru_cache(maxsize=100)(lambda salt: pseudonym(salt)[:8])  # by which each decision names its salt
Decider = Callable[[str, str], Optional[str]]
"""Takes a function and a pseudonym, and returns a channel; None leaves the decision to the document."""


def _caught(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def safe(*values: Any, **named: Any) -> Any:
        try:
            return function(*values, **named)
        except Exception as error:
            return warn(f"{getattr(function, '__qualname__', type(function))}: {type(error).__name__}: {error}")

    return safe


class Decision(NamedTuple):
    """Which channel, by which alias (`qualifier`), and why.

    `fields` are those of an outcome's line, if it counts; `chance` is the mark of a decision by position. `release` is
    the one to which the call belongs, if any.
    """

    function: str
    channel: str
    qualifier: str
    why: str
    fields: dict[str, Any] | None = None
    chance: str = ""
    release: str = ""


_serving: ContextVar[tuple[Incoming, dict[str, Decision]]] = ContextVar("tidegate_serving")


def request() -> tuple[Incoming, dict[str, Decision]]:
    """Return what was handed on to the present request, with its user, and what was decided in it."""
    return _serving.get(None) or (nothing(), {})


class Router:
    """Chooses aliases by user; whatever fails, it chooses `stable` or decides by the last document that it read."""

    def __init__(
        self, read: Read, *, stable: str = "live", ttl: float = 30, timeout: float = 0.25, decide: Decider | None = None
    ) -> None:
        self._documents, self._stable, self._decide = Documents(read, ttl=ttl, timeout=timeout), stable, decide
        self._outcomes, self._meetings = Outcomes(), Meetings()

    @classmethod
    def from_table(cls, table: str = "", *, stable: str = "live", timeout: float = 0.25, **options: Any) -> Router:
        """Read documents from Tidegate's table: TIDEGATE_TABLE, or `table`."""
        try:
            read = table_reader(table or os.environ["TIDEGATE_TABLE"], stable, timeout)
        except Exception as error:
            warn(f"users are not routed: {type(error).__name__}: {error}")
            read = dict[str, Any]().__getitem__
        return cls(read, stable=stable, timeout=timeout, **options)

    @contextmanager
    def serving(self, user: str | None, *, incoming: Incoming | None = None) -> Iterator[None]:
        """Serve a user until the block ends. Decisions that were handed on stay, and so does the user they name."""
        handed = incoming or nothing()
        key = handed.key or _caught(lambda: pseudonym(str(user)) if user else None)()
        token = _serving.set((handed._replace(key=key), {}))
        try:
            yield
        finally:
            _serving.reset(token)

    @overload
    def qualifier(self, function: str) -> str: ...
    @overload
    def qualifier(self, function: str, *, explain: Literal[True]) -> Decision: ...
    def qualifier(self, function: str, *, explain: bool = False) -> str | Decision:
        """Return the alias for a function, the same in the whole request; with `explain`, the whole decision."""
        handed, decided = request()
        if function not in decided:
            found = self._decision(function, handed)
            decided[function] = found or Decision(function, STABLE, self._stable, "the decision failed")
        return decided[function] if explain else decided[function].qualifier

    @_caught
    def _decision(self, function: str, handed: Incoming) -> Decision:
        document, missing = self._documents.get(function)
        if document is None:
            return Decision(function, STABLE, self._stable, missing)
        channel, why, by_chance = document.place(handed.key)
        chance = mark = f"{document.percent}@{_digest(document.salt)}" if by_chance else ""
        earlier, pin = handed.channels.get(function), handed.overrides.get(function)
        if handed.key in document.never and CANARY in (earlier, pin):
            channel, why = STABLE, f"in never; the {'decision' if earlier else 'override'} canary is not honoured"
        elif earlier:
            channel, why = earlier, "decided earlier in this request"
            chance = chance and handed.chances.get(function, "")  # whom `always` or `never` names now is not counted
        elif pin:
            channel, why, chance = pin, "override", ""
        elif by_chance and self._decide and (own := self._decide(function, handed.key or "")) in {CANARY, STABLE}:
            channel, why, chance = str(own), "decided by the decider", ""
        alias = document.canary if channel == CANARY else document.stable
        line = {"release": document.release, "function": function, "channel": channel, "user": handed.key}
        fields = {**line, "percent": float(chance[:-9])} if chance and chance[-9:] == mark[-9:] else None
        release = document.release if time.time() < document.ends else ""
        return Decision(function, channel, alias, why, fields, chance, release)

    def headers(self, *functions: str, baggage: str = "") -> dict[str, str]:
        """Return the header for an HTTP call, after deciding for functions that are called further down."""
        return {HEADER: joined(baggage, fields)} if (fields := self._handing_on(functions)) else {}

    def attributes(self, *functions: str) -> dict[str, dict[str, str]]:
        """Return MessageAttributes for SNS and SQS: the baggage, and `tidegate-FUNCTION` for filter policies."""
        texts = {f"{FIELD}-{name}": self.qualifier(name, explain=True).channel for name in functions}
        return {name: {"DataType": "String", "StringValue": text} for name, text in {**texts, **self.headers()}.items()}

    def carry(self, content: Mapping[str, Any], *functions: str) -> dict[str, Any]:
        """Return content (an event's detail, a body, an item, an input) with the decisions in its field `tidegate`."""
        return {**content, FIELD: self._handing_on(functions)}

    def answer(self) -> dict[str, str]:
        """Return headers for the response, or fields for the log: which channels ran, and what was not honoured."""
        handed, decided = request()
        chosen = [f"{each.function}={each.channel}; {each.why}" for each in decided.values()]
        waiting = [f"{name}={pin}: not called here" for name, pin in handed.overrides.items() if name not in decided]
        texts = {"tidegate-channel": ", ".join(chosen), "tidegate-ignored": ", ".join([*handed.ignored, *waiting])}
        return {name: text for name, text in texts.items() if text}

    def _handing_on(self, functions: tuple[str, ...]) -> dict[str, str]:
        for function in functions:
            self.qualifier(function)
        handed, decided = request()
        fields = {USER: handed.key or "", **handed.channels}
        fields |= {f"{name}{PIN}": channel for name, channel in handed.overrides.items()}
        fields |= {f"{name}{CHANCE}": mark for name, mark in handed.chances.items()}
        for name, each in decided.items():
            fields |= {name: each.channel, f"{name}{PIN}": "", f"{name}{CHANCE}": each.chance}
        return {name: text for name, text in fields.items() if text}

    def instrument(self, client: Any, *functions: str) -> Any:
        """Make a Lambda client of boto3 choose the alias of these functions, and hand decisions on to them.

        An explicit Qualifier, or one in the function's name, stays as it is.
        """
        for function in functions:
            _caught(self._documents.prefetch)(function)

        def before(params: dict[str, Any], context: dict[str, Any], **_: Any) -> dict[str, Any] | None:
            name = str(params.get("FunctionName", "")).rpartition(":function:")[2]
            if name not in functions or "Qualifier" in params:
                return None
            context["tidegate"] = decision = self.qualifier(name, explain=True)
            if params.get("InvocationType", "RequestResponse") == "RequestResponse":
                params = {**params, **(_caught(self._client_context)(params) or {})}
            return {**params, "Qualifier": decision.qualifier}

        def after(context: dict[str, Any], parsed: Any = (), exception: Any = None, **_: Any) -> None:
            # A caller who may not call one of the aliases (403) fails for its users.
            code = dict(parsed).get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            bad = code == 403 or code > 499 or "FunctionError" in parsed or "ReadTimeoutError" in str(type(exception))
            if "tidegate" in context and (bad or "StatusCode" in parsed):
                self._outcomes.record(context["tidegate"].fields, failed=bad)
            if "tidegate" in context and dict(parsed).get("StatusCode") == 200:  # of an asynchronous call it is 202
                decision = context["tidegate"]
                self._meetings.record(decision.release, decision.function, dict(parsed).get("ExecutedVersion", ""))

        for operation in ("Invoke", "InvokeWithResponseStream"):
            for event, hook in (("provide-client-params", before), ("after-call", after), ("after-call-error", after)):
                client.meta.events.register(f"{event}.lambda.{operation}", _caught(hook))
        return client

    def _client_context(self, params: dict[str, Any]) -> dict[str, str]:
        content = json.loads(b64decode(params.get("ClientContext", "e30=")))
        custom = content.get("custom") or {}
        whole = {**content, "custom": {**custom, **self.headers(baggage=custom.get(HEADER, ""))}}
        text = b64encode(json.dumps(whole).encode()).decode()
        # Lambda takes at most 3,583 bytes of it (Lambda API reference, Invoke).
        return {"ClientContext": text} if len(text) <= 3583 else {}

    def handler(
        self, key: Callable[[Any, Any], str | None], *, trust_header: bool = False, trust_payload: bool = False
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Serve the user that `key(event, context)` names in each call of a handler, and record how the call ends."""

        def decorated(function: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(function)
            def handled(event: Any, context: Any, *more: Any, **named: Any) -> Any:
                handed = incoming(event, context, trust_header=trust_header, trust_payload=trust_payload)
                with self.serving(_caught(key)(event, context), incoming=handed):
                    failed = True
                    try:
                        result, failed = function(event, context, *more, **named), False
                        return result
                    finally:
                        _caught(self._ran)(context, failed=failed)

            return handled

        return decorated

    def _ran(self, context: Any, *, failed: bool) -> None:
        """Record the outcome of our own call, if it was decided for us by position, whichever alias the caller took.

        Callers who decide nothing, or call one alias only, would make failing users look like those of one channel.
        """
        name = context.invoked_function_arn.split(":")[6]
        if name in request()[0].chances:
            self._outcomes.record(self.qualifier(name, explain=True).fields, failed=failed)
