"""What the project file may contain: the command, its schema and `tidegate check` agree."""

import json
import re
from dataclasses import fields
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner, Result
from jsonschema import Draft202012Validator

from tests.failing import raising
from tests.golden import as_golden
from tests.pages.documents import blocks
from tests.reading import ROOT
from tidegate.domain.request.limits import ANYTHING, Limits
from tidegate_cli.command import Shared
from tidegate_cli.main import main
from tidegate_cli.offline import problems
from tidegate_cli.project import Project, read
from tidegate_cli.project_file import NAME
from tidegate_cli.schema import project_schema
from tidegate_cli.yaml_text import parse

SCHEMA = Draft202012Validator(project_schema())


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder with a valid project file, which is the root of a repository, and the current one."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "functions: {checkout: {strategy: guarded}, 'shop-*': {}}")
    return tmp_path


def write(folder: Path, text: str) -> Path:
    (folder / NAME).write_text(dedent(text))
    return folder / NAME


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


WRONG = [
    ("functions: [checkout]", "functions: must have fields"),
    ("- checkout", "must have the fields stack, region, defaults, functions, fleets"),
    ("fleet: {}", 'fleet: is not a field; did you mean "fleets"? fields: stack, region, defaults, functions, fleets'),
    ("fleets: [checkout]", "fleets: must have fields"),
    ("fleets: {shop: checkout}", "fleets.shop: must list functions; example: {shop: [orders, mail]}"),
    ("fleets: {shop: []}", "fleets.shop: must list functions"),
    ("fleets: {shop: [cart, cart]}", "fleets.shop: cart is already listed: name it once"),
    ("fleets: {shop: ['no name!']}", "fleets.shop: 'no name!'"),
    ("functions: {checkout: guarded}", "functions.checkout: must have fields"),
    ("functions: {'checkout:live': {}}", "functions.checkout:live: is no name of a function"),
    ("functions: {7: {}}", "functions.7: is no name of a function"),
    (
        "functions: {checkout: {stratgy: guarded}}",
        'functions.checkout.stratgy: is not a field; did you mean "strategy"?',
    ),
    ("functions: {checkout: {strategy: guardd}}", 'functions.checkout.strategy: there is no strategy "guardd"'),
    ("defaults: {probe: {max_init_seconds: 0}}", "defaults.probe.max_init_seconds: must be more than 0"),
    ("defaults: {labels: {a: 2026-12-01, b: 7}}", "defaults.labels.b: must be a string, not 7"),
    ("functions: {checkout: {version: 7}}", "functions.checkout.version: is decided for each release"),
    ("functions: {checkout: {dry_run: true}}", "functions.checkout.dry_run: is decided for each release"),
    ("stack: 7", "defaults.stack: must be a name; example: stack: tidegate"),
    ("stack: a\nstack: b", "line 2: 'stack' appears twice"),
    ("functions: {a: {}, a: {}}", "'a' appears twice"),
    ("stack: [", "line 1: "),
    ("stack: !!python/object:os.system a", "has the tag tag:yaml.org,2002:python/object"),
    ("defaults: {strategy: {steps: [{weight: 5}]}}", "bake: is missing"),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_a_mistake_in_the_file_is_named_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    _, wrong = read(write(tmp_path, text))
    assert [said in each for each in wrong] == [True], wrong


def test_where_the_stack_is_unknown_nothing_is_refused_that_some_stack_allows() -> None:
    switches = {field.name for field in fields(Limits) if isinstance(field.default, bool)}
    assert {name for name in switches if not getattr(ANYTHING, name)} == set()
    assert "allow_provision" in switches
    assert problems({"function": "checkout", "probe": {"kind": "provision"}, "keep": 20}) == []


def test_a_mistake_of_the_defaults_is_named_once(tmp_path: Path) -> None:
    file = write(tmp_path, "defaults: {strategy: guardd}\nfunctions: {a: {}, b: {labels: {x: y}}}")
    _, wrong = read(file)
    assert len(wrong) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("functions:\n  {name}: {strategy: guarded}", "line 2: a key must be a name"),
        ("functions:\n  ? [a, b]\n  : {}", "line 2: a key must be a name"),
        ("stack: tidegate\nregion: !!bool x", "line 2: has the tag tag:yaml.org,2002:bool; tags are not read"),
        ("functions: !!set [checkout]", "line 1: has the tag"),
        ("functions: &all {checkout: *all}", "line 1: found unconstructable recursive node"),
    ],
)
def test_what_json_does_not_have_is_refused_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    project, (wrong,) = read(write(tmp_path, text))
    assert project is None
    assert wrong.startswith(said)


def test_a_section_may_be_named_and_used_again(tmp_path: Path) -> None:
    text = "functions: {a: &own {labels: {team: shop}}, b: {<<: *own, strategy: guarded}}"
    project, _ = read(write(tmp_path, text))
    assert project is not None
    assert project.document["functions"]["b"] == {"labels": {"team": "shop"}, "strategy": "guarded"}


@pytest.mark.parametrize("text", ["", "functions:\n", "defaults:\n", "functions: {checkout: }", "stack: a"])
def test_what_is_empty_is_valid(text: str, tmp_path: Path) -> None:
    project, wrong = read(write(tmp_path, text))
    assert (isinstance(project, Project), wrong) == (True, [])
    assert list(SCHEMA.iter_errors(parse(dedent(text)))) == []


OF_THE_SCHEMA = [
    text for text, said in WRONG if re.search("must be (a|more)|is not a field|is decided|must have", said)
]


@pytest.mark.parametrize("text", OF_THE_SCHEMA)
def test_the_schema_refuses_what_the_command_refuses(text: str) -> None:
    assert list(SCHEMA.iter_errors(parse(text)))


def test_the_schema_in_the_pages_is_that_of_the_code() -> None:
    assert json.loads((ROOT / "docs/project.schema.json").read_text()) == project_schema()


def test_an_invalid_file_is_said_before_aws_is_asked_and_how_to_go_without(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(folder, "functions: {checkout: {strategy: guardd}}")
    monkeypatch.setattr(Shared, "connect", raising(AssertionError("it asks AWS")))
    for arguments in (["plan", "checkout"], ["status"], ["abort", "checkout", "--reason", "x"]):
        done = call(*arguments)
        assert done.exit_code == 2
        assert f'{folder / NAME}: functions.checkout.strategy: there is no strategy "guardd"' in done.stderr
        assert "To ignore this file: --project ''" in done.stderr


def test_check_validates_the_file_and_requests_without_aws(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shared, "connect", raising(AssertionError("it asks AWS")))
    good, bad, none = folder / "good.json", folder / "bad.json", folder / "none.json"
    good.write_text('{"function": "checkout", "alias": "beta"}')
    bad.write_text('{"function": "checkout", "strategy": {"steps": []}, "probe": 7}')
    none.write_text("{")
    done = call("check", str(good))
    assert (done.exit_code, done.stdout) == (
        0,
        f"ok  {folder / NAME}: 2 functions or patterns\nok  {good}: releases checkout\n",
    )
    done = call("check", str(good), str(bad), str(none))
    assert done.exit_code == 1
    assert f"no  {bad}: strategy.steps: has 0 entries; at least 1 are required" in done.stdout
    assert f"no  {bad}: probe: must be an object" in done.stdout
    assert f"no  {none}: {none} is not JSON" in done.stdout
    documents = [json.loads(line) for line in call("check", str(bad), "--json").stdout.splitlines()]
    assert [each.get("ok") for each in documents] == [None, True, False]


def test_check_says_every_mistake_at_once(tmp_path: Path) -> None:
    text = """
        defualts: {strategy: guarded}
        functions: {"a b": {}, shop: {strategy: guardd}, cart: [], tax: {version: 3}}
        fleets: {all: []}
        """
    project, wrong = read(write(tmp_path, text))
    assert project is None
    assert [each.split(": ")[0] for each in wrong] == [
        *("defualts", "fleets.all", "functions.a b", "functions.cart"),
        *("functions.shop.strategy", "functions.tax.version"),
    ]
    assert wrong[0].startswith('defualts: is not a field; did you mean "defaults"?')


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("functions: {shop: {keep: 5}}", "1 function or pattern"),
        ("{region: eu-west-1, fleets: {all: [a, b]}}", "1 fleet"),
        ("", "nothing for any function"),
    ],
)
def test_check_says_what_the_file_has(text: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert call("check", "--project", str(write(tmp_path, text))).stdout.endswith(f"{NAME}: {said}\n")


def test_check_without_anything_to_check_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    done = call("check")
    assert (done.exit_code, "there is no tidegate.yaml here or above" in done.stderr) == (2, True)


@pytest.mark.usefixtures("folder")
def test_a_request_is_checked_together_with_the_file(tmp_path: Path) -> None:
    """Approvals of the file have to fit the steps of the request."""
    write(tmp_path, "defaults: {approvals: [50]}")
    request = tmp_path / "release.json"
    request.write_text('{"function": "checkout", "strategy": "canary-10-5m"}')
    done = call("check", str(request))
    assert (done.exit_code, "approvals" in done.stdout) == (1, True), done.stdout


def test_the_file_in_the_pages_is_valid_and_check_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (block,) = [each for each in blocks("yaml") if each.page.name == "project.md"]
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    project, wrong = read(write(tmp_path, block.content))
    assert (isinstance(project, Project), wrong) == (True, [])
    (tmp_path / "release.json").write_text('{"function": "shop-checkout", "stratgy": "guarded"}')
    shown = call("check", "release.json").stdout.replace(f"{tmp_path}/", "")
    assert shown == as_golden(shown, Path(__file__).parent / "golden/command/check.txt")
