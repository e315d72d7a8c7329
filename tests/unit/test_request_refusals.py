"""Every kind of mistake is answered with the field's path, what was wrong and an example."""

from typing import Any

import pytest

from tests.unit.refusing import OPEN, of_checkout, problems, the_problem
from tidegate.domain.errors import InvalidRequest
from tidegate.domain.request.limits import Limits
from tidegate.domain.request.parse import parse_request

ZIP = {"s3_bucket": "builds", "s3_key": "checkout.zip"}
DIGEST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/checkout@sha256:" + "0a" * 32


def steps(*pairs: tuple[Any, Any]) -> dict[str, Any]:
    return {"steps": [{"weight": weight, "bake": bake} for weight, bake in pairs]}


def environment(**variables: Any) -> dict[str, Any]:
    return {"environment": variables}


REFUSED: list[tuple[object, str]] = [
    # no request at all
    (None, 'request: must be an object; example: {"function": "checkout"}'),
    ([], "request: must be an object"),
    ({}, 'function: is missing; example: "function": "checkout"'),
    ({"targets": {}}, "targets: must be a list"),
    ({"targets": []}, "targets: has 0 entries"),
    ({"targets": [7]}, "targets[0]: must be an object, not 7"),
    # function
    ({"function": 7}, "function: must be a string, not 7"),
    ({"function": "a b"}, "function: is not a function name"),
    ({"function": "x" * 65}, "function: is not a function name"),
    (
        {"function": "checkout:7"},
        'through an alias, set "version" to its number; example: "function": "checkout", "version": 7',
    ),
    ({"function": "checkout:$LATEST"}, "function: ends in $LATEST, which is released by default: use only the name"),
    (
        {"function": "checkout:live", "alias": "beta"},
        'function: names the alias "live", and "alias" is "beta": omit one of them',
    ),
    ({"function": "checkout,basket"}, "function: has a comma: name each function separately"),
    ({"function": "\ufeffcheckout"}, "function: has an invisible character, such as a line break or a byte order mark"),
    ({"\ufefffunction": "checkout"}, "request: has a field name that begins with a byte order mark (U+FEFF)"),
    ('{"function": "checkout"}', "request: must be an object, not a string: remove the quotes around it"),
    (
        {"function": "arn:aws:sns:eu-west-1:123456789012:checkout"},
        'function: is an ARN of "sns", not of a function of Lambda',
    ),
    ({"function": "tidegate-shift"}, 'function: "tidegate-shift" is part of Tidegate itself'),
    # alias and version
    (of_checkout(alias="7"), 'alias: "7" is a version number'),
    (of_checkout(alias="$LATEST"), 'alias: "$LATEST" is not an alias'),
    (of_checkout(alias=""), "alias: is not an alias name"),
    (of_checkout(alias=None), "alias: must be a string, not null"),
    (of_checkout(version="$LATEST"), 'version: "$LATEST" is not a published version'),
    (of_checkout(version="live"), "version: is not the number of a published version"),
    (of_checkout(version=0), "version: is not the number of a published version"),
    (of_checkout(version=True), "version: is not the number of a published version"),
    (of_checkout(version=4.0), "version: is not the number of a published version"),
    (
        of_checkout(version=4, code=ZIP),
        "version: is already published and cannot be changed: omit either it or code",
    ),
    # code
    (of_checkout(code={}), 'code: needs "s3_bucket" and "s3_key", or "image_uri"'),
    (of_checkout(code={"s3_bucket": "builds"}), "code: needs"),
    (of_checkout(code={**ZIP, "image_uri": DIGEST}), "code: must be either a zip file in S3 or an image"),
    (of_checkout(code={"image_uri": "registry/checkout:latest"}), "code.image_uri: has no digest, and tags can move"),
    (of_checkout(code={"s3_bucket": "a/b", "s3_key": "k"}), "code.s3_bucket: must match"),
    (of_checkout(code={"zip": "UEsDB..."}), "code.zip: is not a field; fields: s3_bucket, s3_key"),
    # configuration
    (of_checkout(configuration={}), "configuration: changes nothing"),
    (
        of_checkout(configuration={"memory_size": "512"}),
        'configuration.memory_size: must be a whole number, not "512"',
    ),
    (of_checkout(configuration={"memory_size": 100}), "configuration.memory_size: must be 128 or more, not 100"),
    (of_checkout(configuration={"timeout": True}), "configuration.timeout: must be a whole number, not true"),
    (
        of_checkout(configuration={"MemorySize": 512}),
        'configuration.MemorySize: is not a field; did you mean "memory_size"?',
    ),
    (of_checkout(configuration={"layers": ["shared"]}), "configuration.layers[0]: must match"),
    (
        of_checkout(configuration={"tracing_config": {"mode": "On"}}),
        "mode: must be one of 'Active' or 'PassThrough', not \"On\"",
    ),
    (
        of_checkout(configuration={"role": "arn:aws:iam::123456789012:role/admin"}),
        "configuration.role: is not among the roles that requests may name (arn:aws:iam::*:role/shop-*): set",
    ),
    (
        of_checkout(code={"image_uri": DIGEST}, configuration={"handler": "app.handler"}),
        "configuration.handler: is not allowed for an image",
    ),
    (
        of_checkout(code=ZIP, configuration={"image_config": {"command": ["app.handler"]}}),
        "configuration.image_config: is not allowed for code in a zip file",
    ),
    # environment
    (
        of_checkout(configuration=environment(LOG_LEVEL="debug")),
        "configuration.environment.LOG_LEVEL: is a literal value, which history, logs and events would show",
    ),
    (of_checkout(configuration=environment(A1={"ssm": "/a", "secret": "b"})), "A1: needs either"),
    (of_checkout(configuration=environment(A1={"ssm": "/a", "key": "b"})), 'A1: has "key", which is allowed'),
    (of_checkout(configuration=environment(A1={"value": "s"})), "A1.value: is not a field; fields: ssm, secret, key"),
    (of_checkout(configuration=environment(AWS_REGION={"ssm": "/a"})), "AWS_REGION: is set by Lambda:"),
    (of_checkout(configuration=environment(**{"A-1": {"ssm": "/a"}})), 'environment["A-1"]: is not a variable name'),
    # probe, wave
    (of_checkout(probe={"expect": {"ok": True}}), "probe.expect: needs a payload"),
    (of_checkout(probe={"max_init_seconds": 0}), "probe.max_init_seconds: must be more than 0, not 0"),
    (of_checkout(wave=0), "wave: must be 1 or more, not 0"),
    (of_checkout(create_alias="yes"), 'create_alias: must be true or false, not "yes"'),
    # strategy
    (of_checkout(strategy="blue-green"), 'strategy: there is no strategy "blue-green"'),
    (of_checkout(strategy=7), 'strategy: must be the name of a strategy or {"steps": [...]}'),
    (of_checkout(strategy=steps()), "strategy.steps: has 0 entries"),
    (of_checkout(strategy=steps((5, "90s"))), 'strategy.steps[0].bake: "90s" is not a whole number of minutes'),
    (of_checkout(strategy=steps((5, 3))), "strategy.steps[0].bake: is not a duration"),
    (of_checkout(strategy=steps((5, "99h"))), 'strategy.steps[0].bake: "99h" is longer than 72h'),
    (
        of_checkout(strategy=steps((25, "3m"), (5, "3m"))),
        "strategy.steps[1].weight: 5 is not greater than 25, the weight of the step",
    ),
    (of_checkout(strategy=steps((5, "3m"), (100, "3m"))), "strategy.steps[1].weight: 100 % is not a weight"),
    (of_checkout(strategy=steps((0, "3m"))), "strategy.steps[0].weight: 0 % is not a weight"),
    (of_checkout(strategy={"steps": [{"weight": 5}]}), "strategy.steps[0].bake: is missing"),
    (
        of_checkout(strategy=steps(*((n / 2 + 1, "1m") for n in range(101)))),
        "strategy.steps: has more than 100 entries",
    ),
    # analysis, labels, dry run
    (of_checkout(analysis={"alpha": 0.6}), "analysis.alpha: must be 0.5 or less, not 0.6"),
    (of_checkout(analysis={"alpha": "sensitive"}), "analysis.alpha: must be a number"),
    (of_checkout(analysis={"on_inconclusive": "wait"}), "analysis.on_inconclusive: must be one of"),
    (of_checkout(analysis={"max_hold": "1 day"}), 'analysis.max_hold: "1 day" is not a duration'),
    (of_checkout(analysis={"max_bake": "72h"}), "strategy: may take up to 312h"),
    (of_checkout(labels={"commit": 4}), "labels.commit: must be a string, not 4"),
    (of_checkout(labels={"c": "x" * 257}), "labels.c: is longer than 256 characters"),
    (of_checkout(labels={str(n): "" for n in range(21)}), "labels: has more than 20 entries"),
    (of_checkout(dry_run=1), "dry_run: must be true or false, not 1"),
    # unknown fields
    (of_checkout(stratgy="guarded"), 'stratgy: is not a field; did you mean "strategy"?'),
    (of_checkout(memorySize=512), 'memorySize: is not a field; did you mean "configuration.memory_size"?'),
    (
        of_checkout(colour="red"),
        "colour: is not a field; fields: targets, tag, stack, wave_tag, strategy, routing, waves, analysis",
    ),
    ({"targets": [of_checkout()], "alias": "live"}, 'alias: is not a field; did you mean "targets[0].alias"?'),
    # what JSON cannot hold
    (of_checkout(analysis={"alpha": float("nan")}), "analysis.alpha: is NaN or infinite"),
    (of_checkout(probe={"payload": "\ud800"}), "probe.payload: has half of a surrogate pair"),
    (of_checkout(wave=10**400), "wave: is a number of more than 300 digits"),
    (of_checkout(labels={1: "x"}), "labels: has a field name that is not valid text"),
    (of_checkout(probe={"payload": {1, 2}}), "probe.payload: is a Python set, not JSON"),
]


@pytest.mark.parametrize(("raw", "said"), REFUSED, ids=[said[:60] for _, said in REFUSED])
def test_a_mistake_is_answered_with_its_path(raw: object, said: str) -> None:
    assert said in the_problem(raw)


def test_every_mistake_is_named_at_once_each_on_its_line() -> None:
    raw = {
        "targets": [
            {"function": "checkout", "alias": "7", "probe": {"expect": 1}},
            {"function": "tidegate-plan", "configuration": {"memory_size": 1}},
        ],
        "strategy": steps((25, "3m"), (5, "90s")),
        "dryrun": True,
    }
    with pytest.raises(InvalidRequest) as refused:
        parse_request(raw, limits=OPEN)
    assert [problem.split(": ")[0] for problem in refused.value.problems] == [
        "targets[0].alias",
        "targets[1].configuration.memory_size",
        "strategy.steps[1].bake",
        "dryrun",
        "targets[0].probe.expect",
        "targets[1].function",
        "strategy.steps[1].weight",
    ]
    assert str(refused.value).startswith("7 problems in the request:\ntargets[0].alias: ")


def test_hundreds_of_mistakes_still_make_a_message_that_can_be_shown() -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse_request({"targets": [{"function": f"a {n}", "wave": 0} for n in range(100)]}, limits=OPEN)
    assert len(refused.value.problems) == 200
    assert str(refused.value).endswith("and 180 more")


def test_a_request_over_a_hundred_targets_is_refused_for_that_alone() -> None:
    assert "targets: has more than 100 entries" in the_problem({"targets": [{"function": "a"}] * 101})


ARN = "arn:aws:lambda:eu-west-1:123456789012:function:checkout"


@pytest.mark.parametrize(
    "again", [{"function": "checkout", "alias": "live"}, {"function": "checkout:live"}, {"function": ARN}]
)
def test_the_same_alias_twice_is_refused(again: dict[str, Any]) -> None:
    raw = {"targets": [{"function": "checkout"}, {"function": "basket"}, again]}
    assert the_problem(raw).startswith(
        'targets[2].function: "checkout" with alias "live" is already listed at targets[0]'
    )


@pytest.mark.parametrize("changing", [0, 1])
def test_two_aliases_of_one_function_cannot_share_a_change_of_latest(changing: int) -> None:
    targets: list[dict[str, Any]] = [{"function": "checkout"}, {"function": "checkout", "alias": "beta"}]
    targets[changing]["code"] = ZIP
    assert "has only one $LATEST for code or configuration" in the_problem({"targets": targets})


def test_two_aliases_of_one_function_may_be_released_without_a_change() -> None:
    raw = {"targets": [{"function": "checkout"}, {"function": "checkout", "alias": "beta"}]}
    assert [target.alias for target in parse_request(raw, limits=OPEN).targets] == ["live", "beta"]


@pytest.mark.parametrize("field", [{"code": ZIP}, {"configuration": {"memory_size": 512}}])
def test_a_change_is_refused_where_tidegate_was_deployed_without_that(field: dict[str, Any]) -> None:
    said = the_problem(of_checkout(**field), Limits("*", "tidegate-"))
    assert said.startswith(f"{next(iter(field))}: requests must not contain {next(iter(field))},")


def test_keeping_versions_is_refused_where_none_are_deleted() -> None:
    said = the_problem(of_checkout(keep=5), Limits("*", "tidegate-"))
    assert said.startswith("keep: this Tidegate deletes no versions")
    assert "KeepVersions" in said
    assert the_problem(of_checkout(keep=0), Limits("*", "tidegate-", allow_keep=True)).startswith("keep: must be 1")


def test_a_bucket_that_was_not_named_is_refused() -> None:
    limits = Limits("*", "tidegate-", allow_code=True, code_buckets=("releases-*",))
    assert the_problem(of_checkout(code=ZIP), limits).startswith("code.s3_bucket: is not among the buckets")


def test_an_image_from_a_repository_that_was_not_named_is_refused() -> None:
    limits = Limits("*", "tidegate-", allow_code=True, image_repositories=("shop/*",))
    assert the_problem(of_checkout(code={"image_uri": DIGEST}), limits).startswith("code.image_uri: is not among the")
    ours = DIGEST.replace("/checkout", "/shop/checkout")
    assert parse_request(of_checkout(code={"image_uri": ours}), limits=limits).targets[0].changes == ("code",)


@pytest.mark.parametrize("pattern", [(), ("",)])
def test_where_no_bucket_is_named_none_is_allowed(pattern: tuple[str, ...]) -> None:
    limits = Limits("*", "tidegate-", allow_code=True, code_buckets=pattern)
    assert "may name (none): set the parameter CodeBucketPattern of Tidegate's stack" in the_problem(
        of_checkout(code=ZIP), limits
    )


@pytest.mark.parametrize(
    ("pattern", "function", "covered"),
    [
        ("shop-*", "shop-checkout", True),
        ("shop-*", "Shop-checkout", False),
        ("shop-*", "my-shop-checkout", False),
        ("shop-?", "shop-1", True),
        ("shop-?", "shop-12", False),
        ("*", "checkout", True),
        ("checkout", "checkout-2", False),
    ],
)
def test_the_pattern_of_functions_is_read_as_iam_reads_it(pattern: str, function: str, covered: bool) -> None:
    limits = Limits(pattern, "tidegate-")
    if covered:
        assert parse_request({"function": function}, limits=limits).targets[0].function == function
    else:
        assert f'function: "{function}" is not among the functions' in the_problem({"function": function}, limits)


def test_a_function_of_another_account_or_region_is_refused() -> None:
    here = Limits("*", "tidegate-", account="210987654321", region="eu-west-1")
    assert the_problem({"function": f"{ARN}:live"}, here).startswith(
        "function: is a function in account 123456789012, not 210987654321: each account and Region needs its own "
        "Tidegate"
    )
    there = ARN.replace("eu-west-1", "us-east-1").replace("123456789012", "210987654321")
    assert "is a function in Region us-east-1, not eu-west-1" in the_problem({"function": there}, here)


def test_a_literal_value_of_a_variable_is_not_shown_again() -> None:
    raw = of_checkout(configuration=environment(PASSWORD="hunter2", KEY={"ssm": "hunter 2"}, OTHER=["hunter2"]))
    assert "hunter" not in "".join(problems(raw))


def test_limits_need_a_pattern_and_the_prefix_of_our_own() -> None:
    for pattern, prefix in (("", "tidegate-"), ("*", "")):
        with pytest.raises(ValueError, match="must be set"):
            Limits(pattern, prefix)
