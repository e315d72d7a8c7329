"""A SAM template of this checkout as CloudFormation takes it."""

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import yaml
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from localcloud import lambda_
from localcloud.deploy.errors import TemplateError
from localcloud.deploy.functions import zipped
from localcloud.deploy.parameters import check

BUCKET = "local-code"
FUNCTION = "AWS::Serverless::Function"
LAYER = "AWS::Serverless::LayerVersion"
STATE_MACHINE = "AWS::Serverless::StateMachine"


class _Plain(yaml.SafeLoader):
    """YAML with the short forms of CloudFormation's functions."""


class _Quick(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # a class of libyaml, where it is
    """The same, ten times faster; what it says of text that is no YAML is less clear."""


def _short_form(loader: Any, name: str, node: yaml.Node) -> dict[str, Any]:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if name == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {name if name in {"Ref", "Condition"} else f"Fn::{name}": value}


for _loader in (_Plain, _Quick):
    _loader.add_multi_constructor("!", _short_form)
    # Timestamps stay text: "2010-09-09" is the version of the format.
    _loader.yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def transformed(path: Path, parameters: Mapping[str, str], region: str) -> dict[str, Any]:
    """Return the CloudFormation template that SAM makes of the one at `path`, code and definition included."""
    template = read(path)
    for holder, name in _code_holders(template):
        holder[name] = _registered(path.parent, holder[name])
    for machine in _resources(template, STATE_MACHINE):
        _inline_definition(path.parent, machine)
    check(_mapping(template.get("Parameters")), parameters)
    result = translated(template, parameters, region, path)
    for layer in _resources(result, "AWS::Lambda::LayerVersion"):
        _inline_content(layer["Content"])
    return result


def translated(template: dict[str, Any], parameters: Mapping[str, str], region: str, name: object) -> dict[str, Any]:
    """Return what SAM makes of a template whose code is in S3; raises TemplateError, which names it."""
    values = {key: details.get("Default") for key, details in _mapping(template.get("Parameters")).items()}
    session = boto3.Session(region_name=region)
    translator = Translator(managed_policy_map={}, sam_parser=Parser(), boto_session=session)
    try:
        result: dict[str, Any] = translator.translate(template, {**values, **parameters})
    except InvalidDocumentException as error:
        causes = "; ".join(cause.message for cause in error.causes)
        raise TemplateError(f"{name} is refused by SAM: {causes}") from error
    return result


def parse(text: str) -> Any:
    """Read YAML, or JSON, with the short forms of CloudFormation's functions."""
    try:
        return yaml.load(text, _Quick)  # noqa: S506 - a SafeLoader with more tags
    except yaml.YAMLError:
        return yaml.load(text, _Plain)  # noqa: S506 - to say what is wrong


def read(path: Path) -> dict[str, Any]:
    try:
        content = parse(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TemplateError(f"{path} is not YAML: {error}") from error
    except OSError as error:
        raise TemplateError(f"{path} cannot be read: {error.strerror}") from error
    if not isinstance(content, dict):
        raise TemplateError(f"{path} is not a template: it must be a mapping")
    return content


def _resources(template: Mapping[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    """Return the properties; what is malformed is left to SAM to refuse."""
    for resource in map(_mapping, _mapping(template.get("Resources")).values()):
        if resource.get("Type") == kind:
            yield _mapping(resource.get("Properties"))


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _code_holders(template: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield what names a folder of code, and the property that does."""
    functions = [_mapping(_mapping(template.get("Globals")).get("Function")), *_resources(template, FUNCTION)]
    holders = [(each, "CodeUri") for each in functions]
    holders += [(each, "ContentUri") for each in _resources(template, LAYER)]
    yield from ((holder, name) for holder, name in holders if isinstance(holder.get(name), str))


def _registered(base: Path, uri: str) -> Any:
    if uri.startswith("s3://"):
        return uri
    folder = (base / uri).resolve()
    if not folder.is_dir():
        raise TemplateError(f"CodeUri {uri} is not a folder (searched for {folder})")
    key = str(folder).strip("/")
    lambda_.register_folder(BUCKET, key, folder)
    return {"Bucket": BUCKET, "Key": key}


def _inline_content(content: dict[str, Any]) -> None:
    """Put a folder itself into a layer: moto would search for its archive in S3."""
    if content.get("S3Bucket") == BUCKET:
        folder = Path("/", content["S3Key"])
        content.clear()
        content["ZipFile"] = b64encode(zipped(folder)).decode()


def _inline_definition(base: Path, machine: dict[str, Any]) -> None:
    if isinstance(machine.get("DefinitionUri"), str):
        machine["Definition"] = json.loads(json.dumps(read(base / machine.pop("DefinitionUri"))))
