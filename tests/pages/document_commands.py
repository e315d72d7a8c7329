"""Whether a command of the pages exists, and takes what it is given. Each check raises NotACommandError."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from itertools import zip_longest

import click
import jmespath
from botocore import xform_name
from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel
from botocore.session import get_session

from tests.pages.shell import Command
from tests.reading import ROOT
from tidegate_cli.help import HELP
from tidegate_cli.main import COMMANDS

ELLIPSIS = "…"
UNCHECKED = {
    "[",
    "base64",
    "bash",
    "cat",
    "cd",
    "cp",
    "curl",
    "docker",
    "echo",
    "exit",
    "git",
    "grep",
    "jq",
    "mkdir",
    "mv",
    "npm",
    "npx",
    "pip",
    "pipx",
    "printf",
    "read",
    "sed",
    "sleep",
    "source",
    "terraform",
    "test",
    "tr",
    "zip",
}

AWS_EVERYWHERE = {
    "query",
    "output",
    "region",
    "profile",
    "endpoint-url",
    "no-cli-pager",
    "cli-input-json",
    "cli-binary-format",
    "no-paginate",
    "max-items",
    "page-size",
    "starting-token",
}
AWS_OWN = {
    ("s3", "cp"): {"recursive", "quiet"},
    ("s3", "mb"): set[str](),
    ("cloudformation", "deploy"): {
        "template-file",
        "stack-name",
        "parameter-overrides",
        "capabilities",
        "s3-bucket",
        "no-fail-on-empty-changeset",
    },
    ("cloudformation", "package"): {"template-file", "s3-bucket", "output-template-file"},
}
"""Commands of the AWS CLI that are no operation of a service, with their options."""
AWS_MORE = {("lambda", "create-function"): {"zip-file"}}
"""Options that the AWS CLI adds to those of an operation; `--zip-file` stands for `--code` there."""


class NotACommandError(AssertionError):
    """A command, an option or a target of a page is not there."""


def check(words: Command, *, whole: bool = True) -> None:
    """Check one command; `whole`: it also has everything that it needs."""
    program = words[0].removeprefix(".venv/bin/")
    if program in UNCHECKED:
        return
    if program not in CHECKS:
        raise NotACommandError(f"nothing checks the program {program}")
    CHECKS[program]([word for word in words[1:] if ELLIPSIS not in word], whole and ELLIPSIS not in words)


def _tidegate(words: Command, whole: bool) -> None:
    if words[:1] and words[0].startswith("--"):
        return
    name, given = (words[0], words[1:]) if words else ("", [])
    if name not in COMMANDS:
        raise NotACommandError(f"there is no tidegate {name}; there are {', '.join(COMMANDS)}")
    command: click.Command = getattr(import_module(COMMANDS[name].module), COMMANDS[name].attribute)
    if isinstance(command, click.Group) and given and not given[0].startswith("-"):
        if given[0] not in command.commands:
            raise NotACommandError(f"there is no tidegate {name} {given[0]}; there are {', '.join(command.commands)}")
        name, command, given = f"{name} {given[0]}", command.commands[given[0]], given[1:]
    with click.Context(command, help_option_names=HELP["help_option_names"]) as context:
        parser = command.make_parser(context)
        try:
            values, _, _ = parser.parse_args(given)
        except click.UsageError as error:
            raise NotACommandError(f"tidegate {name}: {error.format_message()}") from error
        for parameter in command.params:
            _check_value(f"tidegate {name}", parameter, values.get(parameter.name or ""), whole)


def _check_value(command: str, parameter: click.Parameter, value: object, whole: bool) -> None:
    if whole and parameter.required and (not value or not isinstance(value, str | tuple | list)):
        raise NotACommandError(f"{command} needs {parameter.human_readable_name}")
    if isinstance(parameter.type, click.Choice) and isinstance(value, str) and value not in parameter.type.choices:
        raise NotACommandError(f"{command}: {value} is none of {parameter.type.choices}")


def _aws(words: Command, whole: bool) -> None:
    service, operation, *rest = words if len(words) > 1 else (*words, "", "")
    given = dict(_options(rest))
    unknown = set(given) - AWS_EVERYWHERE - _aws_options(service, operation, rest)
    if unknown:
        raise NotACommandError(f"aws {service} {operation} has no --{', --'.join(sorted(unknown))}")
    if "query" in given:
        jmespath.compile(given["query"])
    if whole and "cli-input-json" not in given and (missing := _aws_required(service, operation) - set(given)):
        raise NotACommandError(f"aws {service} {operation} needs --{', --'.join(sorted(missing))}")


def _options(words: Command) -> Iterator[tuple[str, str]]:
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        if word.startswith("--"):
            name, _, value = word[2:].partition("=")
            yield name, value or following


def _aws_options(service: str, operation: str, rest: Command) -> set[str]:
    if (service, operation) in AWS_OWN:
        return AWS_OWN[service, operation]
    model = _operation(service, _waited_for(service, rest[0]) if operation == "wait" and rest else operation)
    names = {xform_name(name, "-") for name in (model.input_shape.members if model.input_shape else ())}
    return names | {f"no-{name}" for name in names} | AWS_MORE.get((service, operation), set())


def _aws_required(service: str, operation: str) -> set[str]:
    if (service, operation) in AWS_OWN or operation == "wait":
        return set()
    shape = _operation(service, operation).input_shape
    names = {xform_name(name, "-") for name in (shape.required_members if shape else ())}
    return names - {"code"} if "zip-file" in AWS_MORE.get((service, operation), ()) else names


@cache
def _operation(service: str, operation: str) -> OperationModel:
    try:
        model = get_session().get_service_model({"deploy": "codedeploy"}.get(service, service))
    except UnknownServiceError as error:
        raise NotACommandError(f"there is no aws {service}") from error
    for name in model.operation_names:
        if xform_name(name, "-") == operation:
            return model.operation_model(name)
    raise NotACommandError(f"there is no aws {service} {operation}")


def _waited_for(service: str, waiter: str) -> str:
    waiters = get_session().get_waiter_model(service)
    for name in waiters.waiter_names:
        if xform_name(name, "-") == waiter:
            return xform_name(waiters.get_waiter(name).operation, "-")
    raise NotACommandError(f"there is no aws {service} wait {waiter}")


def _make(words: Command, _: bool) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    missing = {word for word in words if "=" not in word and not word.startswith("-")} - targets
    if missing:
        raise NotACommandError(f"there is no make {', '.join(sorted(missing))}")


def _python(words: Command, _: bool) -> None:
    if words[:1] == ["-m"] and not find_spec(words[1]):
        raise NotACommandError(f"there is no module {words[1]}")


CHECKS: dict[str, Callable[[Command, bool], None]] = {
    "tidegate": _tidegate,
    "aws": _aws,
    "make": _make,
    "python": _python,
    "sam": lambda words, whole: None,
}
