"""What a request names is held against the stack's parameters before anything is touched."""

from typing import Any

import pytest

from tests.builders import some_settings
from tests.unit.refusing import the_problem
from tidegate.domain.request.limits import Limits, matches_arn
from tidegate.domain.request.parse import parse_request

SETTINGS: dict[str, Any] = {
    "function_pattern": "*",
    "image_repository_pattern": "shop/*",
    "code_bucket_pattern": "builds-*",
    "pass_role_pattern": "shop-*",
    "layer_arn_pattern": "arn:aws:lambda:eu-west-1:123456789012:layer:shop-*",
    "parameter_pattern": "shop/*",
    "secret_pattern": "shop/*",
    "function_kms_key_arn": "arn:aws:kms:eu-west-1:123456789012:key/1234",
    "account": "123456789012",
    "region": "eu-west-1",
}
DIGEST = "@sha256:" + "0a" * 32
SYSTEMS = "arn:aws:elasticfilesystem:eu-west-1:{}:access-point/fsap-0123456789abcdef0"


def limits(**changes: Any) -> Limits:
    return some_settings(**{**SETTINGS, **changes}).limits()


def asking(place: str, value: Any) -> dict[str, Any]:
    """Give a request for `checkout` with a value at a place such as configuration.layers."""
    outer, _, name = place.partition(".")
    beside = {"s3_bucket": {"s3_key": "a.zip"}}.get(name, {})
    return {"function": "checkout", outer: {name: value, **beside}}


def layers(region: str = "eu-west-1", name: str = "shop-common") -> list[str]:
    return [f"arn:aws:lambda:{region}:123456789012:layer:{name}:7"]


def systems(account: str = "123456789012") -> list[dict[str, str]]:
    return [{"arn": SYSTEMS.format(account), "local_mount_path": "/mnt/data"}]


PARAMETER, SECRET = "arn:aws:ssm:{}:{}:parameter/shop/level", "arn:aws:secretsmanager:{}:{}:secret:shop/login{}"
HERE = ("eu-west-1", "123456789012")


@pytest.mark.parametrize(
    ("place", "value", "path", "said"),
    [
        ("code.s3_bucket", "builds", "code.s3_bucket", "parameter CodeBucketPattern"),
        ("code.image_uri", f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/pay{DIGEST}", "code.image_uri",
         "parameter ImageRepositoryPattern"),
        ("code.image_uri", f"210987654321.dkr.ecr.eu-west-1.amazonaws.com/shop/a{DIGEST}", "code.image_uri",
         "is in account 210987654321, but Tidegate's stack may use only its own account, 123456789012"),
        ("code.image_uri", f"123456789012.dkr.ecr.us-east-1.amazonaws.com/shop/a{DIGEST}", "code.image_uri",
         "is in Region us-east-1"),
        ("code.image_uri", f"public.ecr.aws/shop/a{DIGEST}", "code.image_uri", "is not an image in Amazon ECR"),
        ("configuration.role", "arn:aws:iam::123456789012:role/admin", "configuration.role", "PassRolePattern"),
        ("configuration.role", "arn:aws:iam::210987654321:role/shop-a", "configuration.role", "PassRolePattern"),
        ("configuration.layers", layers(name="other"), "configuration.layers[0]", "parameter LayerArnPattern"),
        ("configuration.layers", layers("us-east-1"), "configuration.layers[0]", "is a layer in Region us-east-1"),
        ("configuration.kms_key_arn", "arn:aws:kms:eu-west-1:123456789012:key/5678", "configuration.kms_key_arn",
         "parameter FunctionKmsKeyArn"),
        ("configuration.file_system_configs", systems("210987654321"), "configuration.file_system_configs[0].arn",
         "is in account 210987654321"),
        ("configuration.environment", {"LEVEL": {"ssm": "/pay/level"}}, "configuration.environment.LEVEL.ssm",
         "is not among the parameters that requests may name (shop/*): set the parameter ParameterPattern"),
        ("configuration.environment", {"LEVEL": {"ssm": PARAMETER.format("us-east-1", HERE[1])}},
         "configuration.environment.LEVEL.ssm", "is in Region us-east-1"),
        ("configuration.environment", {"LEVEL": {"secret": "pay/login"}}, "configuration.environment.LEVEL.secret",
         "is not among the secrets that requests may name (shop/*): set the parameter SecretPattern"),
        ("configuration.environment", {"LEVEL": {"secret": SECRET.format(HERE[0], "210987654321", "-AbCdEf")}},
         "configuration.environment.LEVEL.secret", "is in account 210987654321"),
    ],
)  # fmt: skip
def test_what_lies_outside_its_parameter_is_refused_by_name(place: str, value: Any, path: str, said: str) -> None:
    problem = the_problem(asking(place, value), limits())
    assert problem.startswith(f"{path}: ")
    assert said in problem


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("code.s3_bucket", "builds-eu"),
        ("code.image_uri", f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/a{DIGEST}"),
        ("code.image_uri", f"123456789012.dkr-ecr.eu-west-1.on.aws/shop/a{DIGEST}"),
        ("configuration.role", "arn:aws:iam::123456789012:role/shop-runner"),
        ("configuration.layers", layers()),
        ("configuration.kms_key_arn", ""),
        ("configuration.kms_key_arn", "arn:aws:kms:eu-west-1:123456789012:key/1234"),
        ("configuration.file_system_configs", systems()),
        ("configuration.environment", {"LEVEL": {"ssm": "/shop/level"}}),
        ("configuration.environment", {"LEVEL": {"ssm": "shop/level:3"}}),
        ("configuration.environment", {"LEVEL": {"ssm": PARAMETER.format(*HERE)}}),
        ("configuration.environment", {"LEVEL": {"secret": "shop/login", "key": "word"}}),
        ("configuration.environment", {"LEVEL": {"secret": SECRET.format(*HERE, "-AbCdEf")}}),
        ("configuration.environment", {"LEVEL": {"secret": SECRET.format(*HERE, "")}}),
    ],
)
def test_what_lies_within_its_parameter_is_read(place: str, value: Any) -> None:
    assert parse_request(asking(place, value), limits=limits()).targets[0].changes


@pytest.mark.parametrize(
    "parameter", ["layer_arn_pattern", "parameter_pattern", "secret_pattern", "function_kms_key_arn"]
)
def test_a_parameter_that_is_empty_allows_nothing(parameter: str) -> None:
    values = {
        "layer_arn_pattern": ("configuration.layers", layers()),
        "parameter_pattern": ("configuration.environment", {"LEVEL": {"ssm": "/shop/level"}}),
        "secret_pattern": ("configuration.environment", {"LEVEL": {"secret": "shop/login"}}),
        "function_kms_key_arn": ("configuration.kms_key_arn", "arn:aws:kms:eu-west-1:123456789012:key/1234"),
    }
    assert "that requests may name (none)" in the_problem(asking(*values[parameter]), limits(**{parameter: ""}))


@pytest.mark.parametrize(("pattern", "fits"), [("shop/login-??????", True), ("shop/login-AbCdEf", True),
                                               ("shop/login", False), ("shop/*", True)])  # fmt: skip
def test_a_secret_is_named_without_the_suffix_that_its_pattern_has(pattern: str, fits: bool) -> None:
    raw = asking("configuration.environment", {"LEVEL": {"secret": "shop/login"}})
    if fits:
        assert parse_request(raw, limits=limits(secret_pattern=pattern))
    else:
        assert "SecretPattern" in the_problem(raw, limits(secret_pattern=pattern))


def test_what_is_in_an_arn_stays_data() -> None:
    raw = asking("configuration.file_system_configs", systems("\x1b]52;c;YQ==\x07"))
    assert the_problem(raw, limits()).isprintable()


def test_a_star_stays_within_its_part_of_an_arn() -> None:
    arn = "arn:aws:lambda:eu-west-1:123456789012:layer:shop-common:7"
    assert matches_arn(arn, ["arn:aws:lambda:*:123456789012:layer:shop-*"])
    assert not matches_arn(arn, ["arn:aws:*:layer:shop-*"])
    assert not matches_arn(arn, ["arn:aws:lambda:eu-west-1:*"])
    assert matches_arn(arn, ["*"])
    assert not matches_arn(arn, [""])


@pytest.mark.parametrize("group", ["/aws/lambda/shop-api", "/shop/web-1"])
def test_log_groups_of_functions_that_may_be_released_and_of_named_callers_are_read(group: str) -> None:
    found = parse_request(
        routed_by(group), limits=limits(function_pattern="shop-*", caller_log_group_pattern="/shop/web-*")
    )
    assert found.routing
    assert found.routing.log_groups == (group,)


def test_another_log_group_is_refused_with_the_parameter_that_allows_it() -> None:
    request = routed_by("/bank/web")
    assert the_problem(request, limits(function_pattern="shop-*")) == (
        "routing.log_groups[0]: is not among the log groups that requests may name (/aws/lambda/shop-*): set the "
        "parameter CallerLogGroupPattern of Tidegate's stack, or name another; example: "
        '"log_groups": '
        '["/aws/lambda/shop-api"]'
    )


def routed_by(group: str) -> dict[str, Any]:
    return {"function": "shop-a", "routing": {"mode": "users", "log_groups": [group]}}
