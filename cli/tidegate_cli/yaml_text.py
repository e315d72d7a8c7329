"""Reading YAML as JSON would be: no tags, no dates, no duplicate keys."""

from collections.abc import Hashable
from typing import Any

import yaml


class Loader(yaml.SafeLoader):
    """The safe loader, without what JSON does not have."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own attribute
        first: [(tag, form) for tag, form in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set[str]()
        for key, _ in node.value:
            if key.value in seen and key.value != "<<":
                raise yaml.MarkedYAMLError(problem=f"{key.value!r} appears twice", problem_mark=key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def parse(text: str) -> Any:
    """Read one document.

    Raises
    ------
    ValueError
        With line and mistake.
    """
    try:
        return yaml.load(text, Loader)  # noqa: S506 - a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ValueError(f"{line}{error.problem or 'is not YAML'}") from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError(f"is not YAML: {str(error).splitlines()[0] if str(error) else 'nested too deeply'}") from None
