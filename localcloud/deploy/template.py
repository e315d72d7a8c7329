"""A SAM template of this checkout as CloudFormation takes it."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import yaml
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from localcloud import lambda_

BUCKET = "local-code"
FUNCTION = "AWS::Serverless::Function"
STATE_MACHINE = "AWS::Serverless::StateMachine"


class TemplateError(ValueError):
    """The template, or what it refers to, cannot be deployed; the message says what to change."""


class _Loader(yaml.SafeLoader):
    """YAML with the short forms of CloudFormation's functions."""


def _short_form(loader: _Loader, name: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type] # the third kind of node
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in {"Ref", "Condition"} else f"Fn::{name}": value}


_Loader.add_multi_constructor("!", _short_form)
# Timestamps stay text: "2010-09-09" is the version of the format.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def transformed(path: Path, parameters: Mapping[str, str], region: str) -> dict[str, Any]:
    """Give the CloudFormation template that SAM makes of the one at `path`, code and definition included."""
    template = read(path)
    for holder in _code_holders(template):
        holder["CodeUri"] = _registered(path.parent, holder["CodeUri"])
    for machine in _resources(template, STATE_MACHINE):
        _inline_definition(path.parent, machine)
    _refuse_unknown(template, parameters)
    values = {name: details.get("Default") for name, details in template.get("Parameters", {}).items()}
    session = boto3.Session(region_name=region)
    translator = Translator(managed_policy_map={}, sam_parser=Parser(), boto_session=session)
    result: dict[str, Any] = translator.translate(template, {**values, **parameters})
    return result


def read(path: Path) -> dict[str, Any]:
    content: Any = yaml.load(path.read_text(), _Loader)  # noqa: S506 - a SafeLoader with more tags
    if not isinstance(content, dict):
        raise TemplateError(f"{path} is not a template: it is no mapping")
    return content


def _resources(template: Mapping[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    for resource in template.get("Resources", {}).values():
        if resource.get("Type") == kind:
            yield resource["Properties"]


def _code_holders(template: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    holders = [template.get("Globals", {}).get("Function", {}), *_resources(template, FUNCTION)]
    yield from (holder for holder in holders if isinstance(holder.get("CodeUri"), str))


def _registered(base: Path, uri: str) -> Any:
    if uri.startswith("s3://"):
        return uri
    folder = (base / uri).resolve()
    if not folder.is_dir():
        raise TemplateError(f"CodeUri {uri} is no folder (looked for {folder})")
    key = str(folder).strip("/")
    lambda_.register_folder(BUCKET, key, folder)
    return {"Bucket": BUCKET, "Key": key}


def _inline_definition(base: Path, machine: dict[str, Any]) -> None:
    uri = machine.pop("DefinitionUri", None)
    if uri is not None:
        machine["Definition"] = json.loads(json.dumps(read(base / uri)))


def _refuse_unknown(template: Mapping[str, Any], parameters: Mapping[str, str]) -> None:
    declared = template.get("Parameters", {})
    unknown = sorted(set(parameters) - set(declared))
    if unknown:
        raise TemplateError(f"the template has no parameter {', '.join(unknown)}; it has {', '.join(declared)}")
    missing = [name for name, d in declared.items() if "Default" not in d and name not in parameters]
    if missing:
        raise TemplateError(f"the template needs a value for {', '.join(missing)}")
