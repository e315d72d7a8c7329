"""What a request may say of a probe."""

from dataclasses import replace
from typing import Any

import pytest

from tests.unit.refusing import OPEN, of_checkout, the_problem
from tidegate.domain.request.parse import parse_request

REFUSED: list[tuple[dict[str, Any], str]] = [
    (of_checkout(probe={"kind": "function"}), "probe.function: is missing: name the function to ask"),
    (of_checkout(probe={"kind": "function", "function": "a:b"}), "probe.function: must match"),
    (of_checkout(probe={"function": "check"}), 'probe.function: is not a field of a probe of the kind "invoke"'),
    (
        of_checkout(probe={"kind": "function", "function": "tidegate-shift"}),
        'probe.function: "tidegate-shift" is part of Tidegate itself',
    ),
    (of_checkout(probe={"calls": [{}, {"expect": 1}]}), "probe.calls[1].expect: needs a payload"),
    (of_checkout(probe={"payload": {}, "expect": "{% $x > 3 %}"}), "probe.expect: is the part of the answer that must"),
    (
        of_checkout(probe={"calls": [{"payload": {}, "expect": {"orders": ["{% $x %}"]}}]}),
        "probe.calls[0].expect: is the part of the answer that must be equal, as JSON; a condition in JSONata is not",
    ),
    (of_checkout(probe={"calls": []}), "probe.calls: has 0 entries; at least 1 are required"),
    (of_checkout(probe={"calls": [{}] * 11}), "probe.calls: has more than 10 entries"),
    (of_checkout(probe={"calls": [{}], "payload": 1}), 'probe.payload: is not allowed besides "calls"'),
    (of_checkout(probe={"max_init_ratio": 0.5}), "probe.max_init_ratio: must be 1 or more, not 0.5"),
    (
        of_checkout(probe={"kind": "none", "payload": 1}),
        'probe.payload: is not a field of a probe of the kind "none": omit it; example: "probe": {"kind": "none"}',
    ),
    (
        of_checkout(probe={"kind": "nothing"}),
        "probe.kind: must be one of 'invoke', 'provision', 'function' or 'none', not \"nothing\"",
    ),
]


@pytest.mark.parametrize(("request_", "expected"), REFUSED)
def test_a_probe_that_makes_no_sense_is_refused_with_its_place(request_: dict[str, Any], expected: str) -> None:
    assert the_problem(request_).startswith(expected)


def test_a_version_is_provisioned_only_where_the_stack_allows_it() -> None:
    asked = of_checkout(probe={"kind": "provision"})
    text = the_problem(asked, replace(OPEN, allow_provision=False))
    assert text.startswith("probe.kind: is not allowed by Tidegate's stack: set its parameter ProvisionedProbes")
    assert parse_request(asked, limits=replace(OPEN, allow_provision=True)).targets[0].probe.kind == "provision"


def test_a_release_asks_only_functions_that_the_stack_allows() -> None:
    asked = of_checkout(probe={"kind": "function", "function": "check"})
    limits = replace(OPEN, hooks=("release-*",))
    assert "is not among the functions that requests may name (release-*): set the parameter HookFunctionPattern" in (
        the_problem(asked, limits)
    )
    asked = of_checkout(probe={"kind": "function", "function": "release-check"})
    assert parse_request(asked, limits=limits).targets[0].probe.function == "release-check"


@pytest.mark.parametrize(
    ("hooks", "expected"),
    [
        ({"before": "check"}, 'hooks.before: is not a field; did you mean "before_step"?'),
        ({"before_traffic": "check:live"}, "hooks.before_traffic.function: must match"),
        ({"before_traffic": "tidegate-shift"}, 'hooks.before_traffic: "tidegate-shift" is part of Tidegate itself'),
        ({"before_traffic": "other"}, "hooks.before_traffic: is not among the functions that requests may name (check"),
        ({"after_step": {"function": "check", "timeout_seconds": 61}}, "hooks.after_step.timeout_seconds: must be 60"),
        (
            {"on_rollback": {"function": "check", "timeout_seconds": 301}},
            "hooks.on_rollback.timeout_seconds: must be 300 or less, not 301",
        ),
    ],
)
def test_hooks_that_make_no_sense_are_refused_with_their_place(hooks: dict[str, Any], expected: str) -> None:
    assert the_problem(of_checkout(hooks=hooks), replace(OPEN, hooks=("check*",))).startswith(expected)


def test_a_hook_is_planned_with_what_its_failure_leads_to() -> None:
    ignored = {"function": "check", "on_failure": "continue"}
    hooks = {"before_traffic": "check", "after_step": ignored, "on_rollback": "check"}
    planned = parse_request(of_checkout(hooks=hooks), limits=OPEN).hooks.planned()
    assert [(hook.moment, hook.insists) for hook in planned] == [
        ("before_traffic", True),
        ("after_step", False),
        ("on_rollback", False),
    ]
