"""Imports point one way, and names stand for one thing; how long files may be: test_lengths.py."""

import ast
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests.reading import ROOT
from tests.source_files import SOURCE, files, imports, nodes
from tidegate.domain import schedule

OURS = ("tidegate", "tidegate_cli", "tidegate_route", "localcloud", "tests", "bench")

MAY_IMPORT = {
    "functions/tidegate/domain": {"tidegate.domain"},
    "functions/tidegate/aws": {"tidegate.aws", "tidegate.domain"},
    "functions/tidegate/steps": {"tidegate.steps", "tidegate.aws", "tidegate.domain"},
    "functions/tidegate/entry": {"tidegate.entry", "tidegate.aws", "tidegate.domain", "tidegate.report"},
    "functions/tidegate/report": {"tidegate.report", "tidegate.domain"},
    "cli/tidegate_cli": {"tidegate_cli", "tidegate_route", "tidegate.aws", "tidegate.domain", "tidegate.report"},
    "localcloud": {"localcloud"},
    "routing": {"tidegate_route"},
}
"""Which of our packages the files of a folder may import."""

AWS_SDK = {"boto3", "botocore", "s3transfer"}


def top(module: str) -> str:
    return module.partition(".")[0]


def within(module: str, packages: set[str]) -> bool:
    return any(f"{module}.".startswith(f"{package}.") for package in packages)


@pytest.mark.parametrize("folder", MAY_IMPORT)
def test_imports_point_one_way(folder: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in files(folder)
        for module in imports(path)
        if top(module) in OURS and not within(module, MAY_IMPORT[folder])
    ]
    assert wrong == []


DOMAIN_MAY_IMPORT = {
    "judge": set(),
    "request": set(),
    "control": {"request"},
    "analysis": {"judge"},
    "rollout": {"judge", "request", "control", "analysis"},
    "planning": {"judge", "request", "analysis", "rollout"},
    "events": {"judge", "analysis"},
    "triggers": {"request"},
}
"""Which other folders of the domain the files of a folder may import; what lies beside the folders is for all."""


def test_the_folders_of_the_domain_stand_on_each_other_in_one_order() -> None:
    domain = ROOT / "functions/tidegate/domain"
    assert DOMAIN_MAY_IMPORT.keys() == {path.parent.name for path in domain.glob("*/__init__.py")}
    wrong = [
        f"{folder}/{path.name}: {module}"
        for folder, may in DOMAIN_MAY_IMPORT.items()
        for path in files(f"functions/tidegate/domain/{folder}")
        for module in imports(path)
        for other in DOMAIN_MAY_IMPORT.keys() - may - {folder}
        if within(module, {f"tidegate.domain.{other}"})
    ]
    assert wrong == []


PRODUCT = ["functions/tidegate", "cli/tidegate_cli"]
ONE_CONCEPT = {
    "alarms": "CloudWatch alarms: read in aws, judged in domain",
    "decisions": "what people decide: kept in aws, asked for by the command",
    "drained": "the end of a drain: its milestones, and the command that shows it",
    "freeze": "a freeze, and the function that writes it",
    "freezes": "all freezes: kept in aws, asked for by the command",
    "history": "past releases: kept in aws, shown by the command",
    "hooks": "functions of the user's: planned in domain, asked in aws",
    "plan": "the plan of a release: in domain, its step, and the command that shows it",
    "probe": "the probe: judged in domain, carried out by its step",
    "replay": "judging a past release again: in domain, and the command for it",
    "widget": "the dashboard's widget: rendered in report, served by its function",
}
"""Names of modules that stand in two layers, with the one concept that each stands for."""


def layer_of(path: Path) -> str:
    """Name the layer: domain, aws, steps, entry, report, or the command."""
    within_functions = ROOT / "functions/tidegate"
    return path.relative_to(within_functions).parts[0] if path.is_relative_to(within_functions) else "cli"


def test_a_module_name_in_two_layers_stands_for_one_concept() -> None:
    layers = defaultdict[str, set[str]](set)
    for path in (path for folder in PRODUCT for path in files(folder) if path.name != "__init__.py"):
        layers[path.stem].add(layer_of(path))
    assert {name for name, of in layers.items() if len(of) > 1} == ONE_CONCEPT.keys()


def test_a_class_name_means_one_thing() -> None:
    places = defaultdict[str, list[str]](list)
    for path in (path for folder in PRODUCT for path in files(folder)):
        for node in nodes(path):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_the_domain_needs_the_standard_library_and_pydantic_only() -> None:
    foreign = {
        f"{path.name}: {module}"
        for path in files("functions/tidegate/domain")
        for module in imports(path)
        if top(module) not in {*sys.stdlib_module_names, "pydantic", "tidegate"}
    }
    assert foreign == set()


CLOCKS_AND_WORLD = {"time", "random", "os", "socket", "subprocess", "pathlib", "urllib.request", "threading"}


def test_the_domain_has_no_clock_and_touches_nothing() -> None:
    reached = {
        f"{path.name}: {module}"
        for path in files("functions/tidegate/domain")
        for module in imports(path)
        if within(module, CLOCKS_AND_WORLD)
    }
    assert reached == set()
    now = [path.name for path in files("functions/tidegate/domain") if "now()" in path.read_text()]
    assert now == []


def test_only_aws_talks_to_aws() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {module}"
        for path in files("functions")
        for module in imports(path)
        if top(module).removeprefix("types_") in AWS_SDK and "tidegate/aws" not in str(path)
    ]
    assert wrong == []


def test_what_is_deployed_needs_only_what_is_deployed_with_it() -> None:
    """All of it is in functions/requirements.txt; boto3 too, since that of the runtime may be older."""
    provided = {*sys.stdlib_module_names, *AWS_SDK, "tidegate", "pydantic", "pydantic_core", "aws_lambda_powertools"}
    foreign = {
        f"{path.relative_to(ROOT)}: {module}"
        for path in files("functions")
        for module in imports(path)
        if top(module) not in provided and not top(module).startswith("types_boto3")
    }
    assert foreign == set()


def test_what_tests_share_is_in_no_test() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {module}"
        for folder in ("tests", "bench")
        for path in files(folder)
        for module in imports(path)
        if top(module) == "tests" and any(part.startswith("test_") for part in module.split(".")[:-1])
    ]
    assert wrong == []


def test_files_say_what_they_are() -> None:
    assert not {path.stem for folder in SOURCE for path in files(folder)} & {"utils", "util", "helpers"}


def test_imports_of_files_are_seen() -> None:
    """The rules above hold of anything if nothing is read."""
    plan = set(imports(ROOT / "functions/tidegate/steps/plan.py"))
    assert {"typing.Any", "tidegate.aws.lambda_.aliases", "tidegate.domain.planning.plan_builder.make_plan"} <= plan


LENGTHS = {"MINUTE", "HOUR", "DAY", "WEEK"}


def test_the_seconds_of_a_minute_an_hour_a_day_and_a_week_stand_in_one_file() -> None:
    seconds = {getattr(schedule, name) for name in LENGTHS - {"MINUTE"}}
    wrong = {
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in (path for folder in PRODUCT for path in files(folder))
        for node in nodes(path)
        if (isinstance(node, ast.Constant) and node.value in seconds)
        or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id.strip("_") in LENGTHS)
    }
    assert {place.partition(":")[0] for place in wrong} == {"functions/tidegate/domain/schedule.py"}, wrong


SAYS_OTHERWISE = {"terminal.py", "completion.py"}


def test_the_command_writes_through_its_last_line_of_defence_alone() -> None:
    wrong = {
        f"{path.name}: {node.attr}"
        for path in files("cli/tidegate_cli")
        if path.name not in SAYS_OTHERWISE
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and node.attr in {"echo", "secho", "stdout"}
    }
    assert wrong == {"command.py: stdout", "schema.py: stdout"}
