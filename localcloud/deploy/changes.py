"""Updates and change sets of stacks as in CloudFormation, where moto differs or is incomplete."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from moto.cloudformation import models, parsing, responses
from moto.cloudformation.models import CloudFormationBackend
from moto.cloudformation.parsing import ResourceMap

from localcloud.deploy.template import parse, translated

SUBSTITUTED = re.compile(r"\$\{(\w+)")
KEPT = "Retain"
SAM = "AWS::Serverless-2016-10-31"

Resources = Mapping[str, Any]


_installed: list[str] = []


def install() -> None:
    if _installed:
        return
    ResourceMap.update = _update
    # moto lists what it did not make as None: resources whose condition is false, and those of other types.
    models.Stack.stack_resources = property(lambda stack: [each for each in stack.resource_map.values() if each])
    models.ChangeSet.apply = _apply
    read = responses.get_stack_from_s3_url
    # moto takes a template's address for one of itself by this name alone.
    responses.get_stack_from_s3_url = lambda url, **options: read(url.replace("127.0.0.1", "localhost"), **options)
    for name in ("create_stack", "create_change_set", "update_stack"):
        setattr(CloudFormationBackend, name, _transforming(getattr(CloudFormationBackend, name)))
        _installed.append(name)


def _transforming(call: Callable[..., Any]) -> Callable[..., Any]:
    """Apply SAM's transform if a template requires it; moto does not know its resources."""

    def transformed(backend: Any, *given: Any, **named: Any) -> Any:
        if SAM in str(named.get("template")):
            content = parse(named["template"])
            processed = translated(content, named.get("parameters") or {}, backend.region_name, "the template")
            named["template"] = json.dumps(processed)
        return call(backend, *given, **named)

    return transformed


def _update(stack: Any, template: dict[str, Any], parameters: dict[str, Any] | None = None) -> None:
    """Add and change resources before the ones that refer to them; then remove deleted ones, unless they are retained.

    moto removes first, whatever its DeletionPolicy, and publishes a version before its function is changed.
    """
    changes = stack.build_resource_diff(template, parameters)
    removed = {name: stack._resource_json_map[name] for name in changes["Remove"]}
    stack._template, stack._resource_json_map = template, template["Resources"]
    stack.input_parameters = parameters or stack.input_parameters
    stack.load()
    for name in _in_order(template["Resources"]):
        if name in changes["Modify"]:
            _modify(stack, name)
        elif name in changes["Add"]:
            _ = stack[name]
    for name in reversed([*_in_order(removed)]):
        resource = stack._parsed_resources.pop(name, None)
        if resource is not None and removed[name].get("DeletionPolicy") != KEPT:
            stack._delete_resource(resource, removed[name])


def _modify(stack: Any, name: str) -> None:
    changed = parsing.parse_and_update_resource(
        name, stack._resource_json_map[name], stack, account_id=stack._account_id, region_name=stack._region_name
    )
    if changed is not None:
        stack._parsed_resources[name] = changed


def _in_order(resources: Resources) -> Iterator[str]:
    """Return the names of resources, each after those that it refers to."""
    given: set[str] = set()

    def after_its_own(name: str) -> Iterator[str]:
        given.add(name)
        for other in _references(resources[name]):
            if other in resources and other not in given:
                yield from after_its_own(other)
        yield name

    for name in resources:
        if name not in given:
            yield from after_its_own(name)


def _references(written: Any) -> Iterator[str]:
    if isinstance(written, str):
        yield from SUBSTITUTED.findall(written)
    elif isinstance(written, list):
        for each in written:
            yield from _references(each)
    elif isinstance(written, dict):
        for name, value in written.items():
            if name in {"Ref", "DependsOn"}:
                yield from value if isinstance(value, list) else [value]
            elif name == "Fn::GetAtt":
                yield value[0]
            else:
                yield from _references(value)


def _apply(change_set: Any) -> None:
    """Carry a change set out; its outputs and tags are the stack's then, which moto forgets."""
    stack = change_set.stack
    stack.template, stack.template_dict = change_set.template, change_set.template_dict
    stack.resource_map.update(change_set.template_dict, change_set.parameters)
    stack.output_map = stack._create_output_map()
    stack.parameters = change_set.parameters
    stack.tags = change_set.tags or stack.tags
