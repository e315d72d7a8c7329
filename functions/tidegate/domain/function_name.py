"""Names and ARNs of Lambda functions, as people and AWS write them; and Tidegate's own functions."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

LONGEST = 170
"""Characters of a name or ARN that Lambda takes (botocore's model of Lambda, NamespacedFunctionName)."""

_NAME = re.compile(r"[a-zA-Z0-9-_]{1,64}", re.ASCII)
_QUALIFIER = re.compile(r"[a-zA-Z0-9-_]{1,128}|\$LATEST(?:\.PUBLISHED)?", re.ASCII)
_ACCOUNT = re.compile(r"[0-9]{12}", re.ASCII)
_REGION = re.compile(r"[a-z]{2,8}(?:-[a-z]{1,16}){1,4}-[0-9]{1,2}", re.ASCII)
_PARTITION = re.compile(r"aws[a-z-]{0,32}", re.ASCII)
_FORMS = '"checkout", "checkout:live" or "arn:PARTITION:lambda:REGION:ACCOUNT:function:checkout"'
_SHOWN = 80


@dataclass(frozen=True)
class FunctionName:
    """A function, and the other parts of its name or ARN; None if missing.

    `qualifier` is an alias, the number of a version, $LATEST or $LATEST.PUBLISHED.
    """

    name: str
    qualifier: str | None = None
    account: str | None = None
    region: str | None = None
    partition: str | None = None

    @property
    def version(self) -> str | None:
        """The qualifier if it is the number of a version: aliases are not digits alone."""
        return self.qualifier if self.qualifier and self.qualifier.isdigit() else None

    @property
    def alias(self) -> str | None:
        """The qualifier if it is an alias."""
        named = self.qualifier and not self.qualifier.isdigit() and not self.qualifier.startswith("$")
        return self.qualifier if named else None

    def elsewhere(self, *, account: str, region: str) -> str | None:
        """Say that the function is in another account or Region; None if it is not."""
        wrong = [
            f"{what} {there}, not {here}"
            for what, there, here in (("account", self.account, account), ("Region", self.region, region))
            if there is not None and there != here
        ]
        return f"is a function in {' and in '.join(wrong)}" if wrong else None


def parse(text: str) -> FunctionName:
    """Read a name, NAME:QUALIFIER, or a full or partial ARN with or without a qualifier.

    The forms are those of the Lambda API reference (FunctionName of GetFunction): `checkout`, `checkout:live`,
    `123456789012:function:checkout`, `arn:PARTITION:lambda:eu-west-1:123456789012:function:checkout`.

    Raises
    ------
    ValueError
        With the mistake as the rest of a sentence: "is …".
    """
    if len(text) > LONGEST:
        raise ValueError(f"is longer than the {LONGEST} characters of a function's name or ARN")
    if "," in text:
        raise ValueError("has a comma: name each function separately")
    if not text.isprintable():
        raise ValueError("has an invisible character, such as a line break or a byte order mark: remove it")
    parts = text.split(":")
    if parts[0] == "arn":
        return _of_arn(parts)
    prefix = parts.index("function") if "function" in parts[:3] and len(parts) > parts.index("function") + 1 else None
    if prefix is None:
        return _named(parts, {})
    before = parts[:prefix]
    place: dict[str, str] = {}
    if before:
        place["account"] = _checked(before.pop(), _ACCOUNT, "account")
    if before:
        place["region"] = _checked(before.pop(), _REGION, "Region")
    return _named(parts[prefix + 1 :], place)


def _of_arn(parts: list[str]) -> FunctionName:
    if len(parts) < 6:
        raise ValueError(f"is not a complete function ARN; write {_FORMS}")
    partition, service, region, account, kind = parts[1:6]
    if service != "lambda":
        raise ValueError(f"is an ARN of {_shown(service)}, not of a function of Lambda; write {_FORMS}")
    if kind != "function":
        raise ValueError(f"is the ARN of {_shown(kind)} in Lambda, not of a function; write {_FORMS}")
    place = {
        "partition": _checked(partition, _PARTITION, "partition"),
        "region": _checked(region, _REGION, "Region"),
        "account": _checked(account, _ACCOUNT, "account"),
    }
    return _named(parts[6:], place)


def _named(parts: list[str], place: dict[str, str]) -> FunctionName:
    if not 1 <= len(parts) <= 2:
        raise ValueError(f"is not a function name or ARN; write {_FORMS}")
    if not _NAME.fullmatch(parts[0]):
        raise ValueError(f"is not a function name: use 1 to 64 letters, digits, - and _; write {_FORMS}")
    qualifier = parts[1] if len(parts) == 2 else None
    if qualifier is not None and not _QUALIFIER.fullmatch(qualifier):
        raise ValueError(f"has the qualifier {_shown(qualifier)}, which is neither an alias nor a version number")
    return FunctionName(parts[0], qualifier, **place)


def _checked(value: str, form: re.Pattern[str], what: str) -> str:
    if not form.fullmatch(value):
        raise ValueError(f"is not a function ARN: {_shown(value)} is not a valid {what}; write {_FORMS}")
    return value


def _shown(text: str) -> str:
    """Quote foreign text so that it has no control characters (JSON escapes them)."""
    return json.dumps(text[:_SHOWN])


OWN_TAG = "tidegate:stack"
"""The tag that template.yaml gives each of them; its value is the stack's name."""

LONGEST_STACK_NAME = 29
"""Most characters of a stack's name for which CloudFormation does not shorten function names.

It names them STACK-LOGICALID-SUFFIX with a suffix of 12 characters, within the 64 that Lambda allows (CloudFormation
guide, "Name type"); the longest logical id has 21, and a test counts them.
"""


def is_own(function: str, prefix: str, tags: Mapping[str, str]) -> bool:
    """Return whether it is a function of a Tidegate: of this stack by its name, of any stack by its tag."""
    return function.startswith(prefix) or OWN_TAG in tags


def unrecognised(name: str, prefix: str) -> str:
    """Say why the functions of a stack, one of them `name`, cannot be recognised, and so not be protected, or nothing.

    `prefix` is the stack's name and a hyphen.
    """
    stack = prefix.removesuffix("-")
    if len(stack) > LONGEST_STACK_NAME:
        return (
            f"The stack's name {stack} has {len(stack)} characters. With more than {LONGEST_STACK_NAME}, "
            "CloudFormation shortens function names, and Tidegate could not recognise its own functions. Deploy it as "
            "a stack with a shorter name."
        )
    if not name.startswith(prefix):
        return (
            f"{name}, one of Tidegate's own functions, has a name that does not begin with {prefix}: the stack's "
            "name is too long, so CloudFormation shortened it. Deploy the stack with a shorter name."
        )
    return ""
