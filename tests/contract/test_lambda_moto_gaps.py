"""What plain moto lacks of Lambda. A test that fails here says that moto closed a gap: our code can go."""

import inspect
from typing import Any

import pytest
from moto.awslambda.models import LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse
from moto.cloudformation import parsing
from moto.core.common_models import CloudFormationModel

from localcloud import LocalCloud
from tests.contract.lambda_calls import ROLE, role

ACCOUNT = "123456789012"


SPEC = {"FunctionName": "gap", "Role": ROLE, "Runtime": "python3.13", "Handler": "app.handler", "Code": {}}


@pytest.fixture
def moto(cloud: LocalCloud) -> LambdaBackend:
    """Give moto's own backend, beside the one that the cloud uses, with a function of one version."""
    role(cloud)
    backend = LambdaBackend("us-east-1", ACCOUNT)
    function = LambdaFunction(ACCOUNT, dict(SPEC), "us-east-1", "$LATEST")  # type: ignore[abstract] # moto's own habit
    function.code_sha_256, function.code_size, function.code_bytes = "sha", 0, b""
    backend._lambdas.put_function(function)
    backend.publish_version("gap")
    return backend


def parameters(method: Any) -> set[str]:
    return set(inspect.signature(method).parameters)


def test_moto_has_no_life_cycle_of_updates(moto: LambdaBackend) -> None:
    function = moto.get_function("gap")
    function.update_configuration({"Timeout": 9})
    seen = function.get_configuration()
    assert (seen["State"], seen["LastUpdateStatus"]) == ("Active", "Successful")
    moto.publish_version("gap")  # no ResourceConflictException


def test_moto_s_functions_have_no_revision_id_and_no_hash_of_their_configuration(moto: LambdaBackend) -> None:
    assert not {"RevisionId", "ConfigSha256", "LoggingConfig"} & set(moto.get_function("gap").get_configuration())


def test_moto_publishes_without_preconditions() -> None:
    assert not {"code_sha256", "revision_id"} & parameters(LambdaBackend.publish_version)


def test_moto_updates_aliases_without_precondition_and_keeps_their_revision(moto: LambdaBackend) -> None:
    assert "revision_id" not in parameters(LambdaBackend.update_alias)
    before = moto.create_alias("live", "gap", "1", "", "").revision_id
    assert moto.update_alias("live", "gap", "1", "changed", "").revision_id == before


def test_moto_takes_any_weights(moto: LambdaBackend) -> None:
    wrong: Any = {"AdditionalVersionWeights": {"1": 0.5, "10": 7.0}}
    assert moto.create_alias("weights", "gap", "1", "", wrong).routing_config == wrong


def test_moto_takes_a_number_as_an_alias_name(moto: LambdaBackend) -> None:
    assert moto.create_alias("2024", "gap", "1", "", "").name == "2024"


def test_moto_deletes_a_version_that_an_alias_uses(moto: LambdaBackend) -> None:
    moto.create_alias("user", "gap", "1", "", "")
    moto.delete_function("gap", "1")


def test_moto_uses_numbers_of_deleted_versions_again(moto: LambdaBackend) -> None:
    moto.delete_function("gap", "1")
    published = moto.publish_version("gap")
    assert published
    assert published.version == 1


def test_moto_lists_versions_with_states(moto: LambdaBackend) -> None:
    versions = list(moto.list_versions_by_function("gap"))
    assert versions
    assert all("State" in version.get_configuration() for version in versions)


def test_moto_has_no_pages_of_versions() -> None:
    assert not {"marker", "max_items"} & parameters(LambdaBackend.list_versions_by_function)


def test_moto_knows_no_provisioned_concurrency() -> None:
    assert not hasattr(LambdaResponse, "put_provisioned_concurrency_config")


def test_moto_runs_functions_in_docker_and_ignores_weights_and_logs() -> None:
    text = inspect.getsource(LambdaFunction._invoke_lambda) + inspect.getsource(LambdaResponse.invoke)
    assert "docker_client" in text
    assert "executed-version" not in text.lower()
    assert "routing" not in inspect.getsource(LambdaBackend.invoke)


def test_moto_limits_no_calls() -> None:
    assert "TooManyRequests" not in inspect.getsource(inspect.getmodule(LambdaBackend))  # type: ignore[arg-type] # it is a module


def test_moto_s_stacks_have_no_aliases_and_drop_properties_of_functions() -> None:
    of_moto = [model for model in CloudFormationModel.__subclasses__() if model.__module__.startswith("moto.")]
    assert "AWS::Lambda::Alias" not in {model.cloudformation_type() for model in of_moto}
    assert "LoggingConfig" not in inspect.getsource(LambdaFunction.create_from_cloudformation_json)
    assert "AWS::Lambda::Alias" in parsing.get_model_map()


def test_moto_has_no_qualifier_of_function_urls_no_list_of_them_and_no_account_settings() -> None:
    assert parameters(LambdaBackend.create_function_url_config) == {"self", "name_or_arn", "config"}
    assert not hasattr(LambdaResponse, "list_function_url_configs")
    assert not hasattr(LambdaResponse, "get_account_settings")
