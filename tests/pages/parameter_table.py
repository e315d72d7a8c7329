"""The parameters of template.yaml as docs/deploy.md shows them."""

from collections.abc import Iterator

from tests.reading import template

HEAD = "| parameter | default | what it is |\n|---|---|---|"


def table() -> str:
    return "\n".join([HEAD, *_rows()])


def _rows() -> Iterator[str]:
    groups = template()["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    for group in groups:
        yield f"| *{group['Label']['default']}* | | |"
        for name in group["Parameters"]:
            details = template()["Parameters"][name]
            default = f"`{details['Default']}`" if details.get("Default", "") != "" else "none"
            yield f"| `{name}` | {default if 'Default' in details else 'required'} | {details['Description']} |"
