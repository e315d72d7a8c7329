"""Resource types that moto's CloudFormation creates incorrectly or incompletely."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import moto.stepfunctions.models as stepfunctions_models
import yaml
from moto.awslambda.models import Permission, lambda_backends
from moto.cloudformation import parsing
from moto.cloudformation.models import Stack
from moto.core.exceptions import JsonRESTError, ServiceException
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.models import Role, iam_backends
from moto.s3.models import s3_backends
from moto.stepfunctions.models import StateMachine
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from moto.utilities.utils import get_partition

from localcloud.deploy import apis, changes, unsupported

_create_bare_role = Role.create_from_cloudformation_json
_delete_bare_role = Role.delete_from_cloudformation_json
_parse_template = Stack.parse_template


def install() -> None:
    apis.install()
    changes.install()
    unsupported.install()
    parsing.clean_json = _without_no_value(parsing.clean_json)
    Stack.parse_template = staticmethod(_parsed_template)
    Stack.create_resources = _failing_with_a_reason(Stack.create_resources)
    # moto makes state machines in a backend of their own, which its interpreter does not look into.
    stepfunctions_models.stepfunctions_backends = stepfunctions_parser_backends
    StateMachine.create_from_cloudformation_json = _create_state_machine
    StateMachine.has_cfn_attr = lambda name: name in {"Arn", "Name"}
    StateMachine.get_cfn_attribute = lambda machine, name: machine.arn if name == "Arn" else machine.name
    permission: Any = Permission
    permission.create_from_cloudformation_json = _create_permission
    role: Any = Role
    role.create_from_cloudformation_json = _create_role
    role.delete_from_cloudformation_json = _delete_role


def _parsed_template(template: str) -> Any:
    """Read JSON as JSON: moto reads all templates as YAML, which takes fifty times as long."""
    try:
        return json.loads(template)
    except ValueError:
        return _parse_template(template)


def _failing_with_a_reason(create: Callable[[Any], None]) -> Callable[[Any], None]:
    """Let a resource's service refuse it: the stack fails, and the caller asks for it later.

    moto answers CreateStack with that service's error, in JSON where the client expects XML.
    """

    def created(stack: Any) -> None:
        try:
            create(stack)
        except (JsonRESTError, ServiceException) as error:
            stack.status, stack.status_reason = "CREATE_FAILED", error.message
            stack.output_map = {}  # each output would ask for the refused resource once more
            stack._add_stack_event("CREATE_FAILED", resource_status_reason=error.message)

    return created


def _without_no_value(clean: Callable[..., Any]) -> Callable[..., Any]:
    """Leave `AWS::NoValue` out of lists as CloudFormation does; moto leaves a null there."""

    def cleaned(content: Any, resources: Any) -> Any:
        found = clean(content, resources)
        return [value for value in found if value is not None] if isinstance(found, list) else found

    return cleaned


def _create_state_machine(
    resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **_: Any
) -> Any:
    properties = cloudformation_json["Properties"]
    return stepfunctions_parser_backends[account_id][region_name].create_state_machine(
        properties.get("StateMachineName", resource_name),
        _definition(properties),
        properties["RoleArn"],
        tags=[{"key": tag["Key"], "value": tag["Value"]} for tag in properties.get("Tags", [])],
        loggingConfiguration=_as_the_api_spells(properties.get("LoggingConfiguration")),
        tracingConfiguration=_as_the_api_spells(properties.get("TracingConfiguration")),
        sm_type=properties.get("StateMachineType"),
    )


def _definition(properties: Mapping[str, Any]) -> str:
    text = properties.get("DefinitionString") or json.dumps(properties.get("Definition") or _stored(properties))
    for name, value in properties.get("DefinitionSubstitutions", {}).items():
        # The place is inside a JSON string, so quotes and backslashes of the value are escaped.
        text = text.replace(f"${{{name}}}", json.dumps(str(value))[1:-1])
    return str(text)


def _stored(properties: Mapping[str, Any]) -> Any:
    """Read a definition, in YAML or JSON, from S3."""
    place = properties["DefinitionS3Location"]
    key: Any = s3_backends[DEFAULT_ACCOUNT_ID]["aws"].get_object(place["Bucket"], place["Key"])
    return yaml.safe_load(key.value)


def _as_the_api_spells(value: Any) -> Any:
    if isinstance(value, dict):
        return {f"{key[0].lower()}{key[1:]}": _as_the_api_spells(inner) for key, inner in value.items()}
    return [_as_the_api_spells(inner) for inner in value] if isinstance(value, list) else value


def _create_permission(
    resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **_: Any
) -> Any:
    properties = dict(cloudformation_json["Properties"])
    statement = json.dumps({**properties, "StatementId": resource_name})
    backend: Any = lambda_backends[account_id][region_name]
    backend.add_permission(properties["FunctionName"], None, statement)
    kind: Any = Permission  # abstract as far as its annotations go
    permission = kind(region=region_name)
    permission.physical_resource_id = resource_name
    return permission


def _create_role(resource_name: str, cloudformation_json: Any, account_id: str, region_name: str, **named: Any) -> Any:
    """Attach the managed policies of a role, which moto leaves out."""
    role = _create_bare_role(resource_name, cloudformation_json, account_id, region_name, **named)
    for arn in cloudformation_json["Properties"].get("ManagedPolicyArns", []):
        iam_backends[account_id][get_partition(region_name)].attach_role_policy(arn, role.name)
    return role


def _delete_role(resource_name: str, cloudformation_json: Any, account_id: str, region_name: str) -> None:
    """Detach the managed policies first: IAM deletes no role that has one."""
    backend = iam_backends[account_id][get_partition(region_name)]
    for arn in list(backend.get_role(resource_name).managed_policies):
        backend.detach_role_policy(arn, resource_name)
    _delete_bare_role(resource_name, cloudformation_json, account_id, region_name)
