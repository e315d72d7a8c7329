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

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        parser: Any = super()  # the stubs do not type this method
        event = parser.peek_event()
        if tag := getattr(event, "tag", None):
            raise yaml.MarkedYAMLError(problem=f"has the tag {tag}; tags are not read", problem_mark=event.start_mark)
        return super().compose_node(parent, index)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # noqa: ARG002 - PyYAML passes it
        # Deep from the start: then PyYAML refuses a value that contains itself.
        return super().construct_object(node, deep=True)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set[str]()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(
                    problem="a key must be a name; example: checkout: {strategy: guarded}", problem_mark=key.start_mark
                )
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
