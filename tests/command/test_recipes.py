"""docs/ci: each recipe releases on the local cloud, with the roles that docs/ci/roles.yaml makes and no more."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

from localcloud.iam import stored
from localcloud.iam.matching import arn_like
from tests.command.calling import Called
from tests.command.installation import build_wheel, pins_of
from tests.command.recipes import CI, GitHub, Machine, keys_of, outputs, recipe
from tests.reading import ROOT, listed
from tests.workflow.targets import Target
from tests.workflow.world import World

REPOSITORY = "acme@1234/shop@5678"
OURS_ALONE = {"WriteItsLog"}
"""What CodeBuild itself does in the name of the role."""


def busy(world: World, *, canary_failing: float = 0.0) -> Target:
    """Make a function that was called before its release, and is for longer than the slowest machine takes for it."""
    before = world.target().evidence(minutes=range(-60, 0), canary_calls=0)
    return before.evidence(minutes=range(300), canary_failing=canary_failing)


@pytest.fixture(scope="module")
def roles(world: World) -> dict[str, str]:
    """Deploy the roles; give the stack's outputs."""
    parameters = {
        "LedgerTable": world.stack.outputs["LedgerTable"],
        "FunctionPattern": "shop-*",
        "LedgerKeyArn": parameter(world, "KmsKeyArn"),
        "GitHubRepository": REPOSITORY,
        "GitLabProject": "acme/group/shop",
        "CodeBuildProject": "release",
    }
    return dict(world.cloud.deploy(CI / "roles.yaml", parameters, "ci-roles").outputs)


def parameter(world: World, name: str) -> str:
    """Give what Tidegate's stack was deployed with."""
    (stack,) = world.cloud.client("cloudformation").describe_stacks(StackName=world.stack.stack_name)["Stacks"]
    (value,) = (each["ParameterValue"] for each in stack["Parameters"] if each["ParameterKey"] == name)
    return str(value)


@pytest.fixture(scope="module")
def plain(world: World, roles: dict[str, str]) -> str:
    """Make the role of somebody who has the policy for start-execution.sh and nothing else; give its ARN."""
    iam = world.cloud.client("iam")
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="ci-plain", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    iam.attach_role_policy(RoleName="ci-plain", PolicyArn=roles["PlainPolicyArn"])
    return str(role["Arn"])


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def runner(world: World, tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """Give the machine of all jobs for GitHub: the action installs the command there once."""
    return Machine(world, tmp_path_factory.mktemp("runner"))


def complete(report: Path) -> bool:
    """Tell whether everything could be read that a report shows."""
    text = report.read_text()
    return "<svg" in text and "could not be read" not in text


def github(machine: Machine, roles: dict[str, str], **contexts: str) -> GitHub:
    variables = {
        "vars.TIDEGATE_RELEASE_ROLE": roles["GitHubReleaseRoleArn"],
        "vars.TIDEGATE_WATCH_ROLE": roles["GitHubWatchRoleArn"],
        "vars.AWS_REGION": "us-east-1",
    }
    return GitHub(machine, variables | contexts)


def test_the_job_for_github_tells_of_a_version_that_was_rolled_back(
    world: World, roles: dict[str, str], runner: Machine
) -> None:
    target = busy(world, canary_failing=0.3)
    (job,) = recipe("github.yml", target.name)["jobs"].values()
    here = github(runner, roles)
    assert here.run(job["steps"]) == 3, here.said
    assert here.contexts["steps.release.outputs.outcome"] == "rolled-back"
    assert f"{target.name} serves version 1 as before" in here.summary
    assert target.state == ("1", {})
    assert complete(*here.uploaded)


def test_of_two_jobs_for_github_one_starts_and_the_other_watches(
    world: World, roles: dict[str, str], runner: Machine
) -> None:
    target = busy(world)
    jobs = recipe("github-long.yml", target.name)["jobs"]
    first = github(runner, roles)
    assert first.run(jobs["start"]["steps"]) == 0, first.said
    handed_on = {f"needs.start.outputs.{name}": value for name, value in outputs(jobs["start"], first.contexts)}
    assert handed_on["needs.start.outputs.outcome"] == "started"
    second = github(runner, roles, **handed_on)
    assert second.run(jobs["watch"]["steps"]) == 0, second.said
    assert second.said[-1].result[:4] == ["released", target.name, "live", "2"]
    assert complete(*second.uploaded)


def test_the_job_for_gitlab_takes_its_role_by_token_releases_and_keeps_a_report(
    world: World, roles: dict[str, str], wheel: Path, tmp_path: Path
) -> None:
    target = busy(world)
    job = recipe("gitlab.yml", target.name)["release"]
    variables = {
        "GITLAB_CI": "true",
        "CI_PIPELINE_ID": "7",
        "CI_JOB_ID": "8",
        "TIDEGATE_ROLE": roles["GitLabRoleArn"],
        "TIDEGATE_WHEEL": str(wheel),
        "TIDEGATE_PINS": str(pins_of(wheel)),
        **dict.fromkeys(job["id_tokens"], "a token"),
    }
    machine = Machine(world, tmp_path)
    done = machine.run("\n".join([*job["before_script"], *job["script"]]), **variables)
    assert done.code == 0, done.err
    assert done.out.startswith(f"released {target.name} live 2 {target.name}-live-")
    values = dict(line.split("=", 1) for line in (tmp_path / job["artifacts"]["reports"]["dotenv"]).read_text().split())
    assert (values["TIDEGATE_OUTCOME"], values["TIDEGATE_VERSION"]) == ("released", "2")
    assert complete(*(tmp_path / path for path in job["artifacts"]["paths"]))


def test_the_build_of_codebuild_releases_and_keeps_a_report(
    world: World, roles: dict[str, str], wheel: Path, tmp_path: Path
) -> None:
    target = busy(world)
    spec = recipe("buildspec.yml", target.name)
    phases = [spec["phases"][name] for name in ("install", "build")]
    variables = {
        "CODEBUILD_BUILD_ID": "release:0f1e",
        "CODEBUILD_BUILD_NUMBER": "12",
        "TIDEGATE_WHEEL": str(wheel),
        "TIDEGATE_PINS": str(pins_of(wheel)),
        **keys_of(roles["CodeBuildRoleArn"], service="codebuild"),
    }
    done = Machine(world, tmp_path).run("\n".join(each for phase in phases for each in phase["commands"]), **variables)
    assert done.code == 0, done.err
    assert done.out.startswith(f"released {target.name} live 2 {target.name}-live-")
    assert complete(*(tmp_path / path for path in spec["artifacts"]["files"]))


def test_the_script_for_the_aws_cli_ends_as_the_release_does(world: World, plain: str, tmp_path: Path) -> None:
    path = f"{ROOT / '.venv-aws/bin'}:/usr/bin:/bin"
    machine = Machine(world, tmp_path, {"PATH": path, "AWS_DEFAULT_REGION": "us-east-1", "POLL_SECONDS": "0.5"})

    def start(name: str, function: str) -> Called:
        request = json.dumps({"function": function, "strategy": "all-at-once"})
        return machine.run(f"{CI / 'start-execution.sh'} {name} '{request}'", PYTHONPATH="", **keys_of(plain))

    target = world.target()
    first = start(f"{target.name}-4711", target.name)
    assert (first.code, first.out.splitlines()[-1].split()[0]) == (0, "SUCCEEDED"), first.err
    again = start(f"{target.name}-4711", target.name)
    assert (again.code, again.out.splitlines()[-1].split()[0]) == (0, "SUCCEEDED"), again.err
    assert target.versions == ["1", "2"]
    refused = start("none-4712", "shop-none")
    assert (refused.code, refused.out.splitlines()[-1].split()[:2]) == (1, ["FAILED", "InvalidRequest"])


def test_a_role_is_trusted_to_one_environment_branch_or_build_alone() -> None:
    template = yaml_parse((CI / "roles.yaml").read_text())["Resources"]
    trusts = {
        name: each["Properties"]["AssumeRolePolicyDocument"]["Statement"]
        for name, each in template.items()
        if each["Type"] == "AWS::IAM::Role"
    }
    assert {"CodeBuildRole", "GitHubReleaseRole", "GitHubWatchRole"} <= trusts.keys()
    for name, statements in trusts.items():
        (statement,) = statements
        keys = {key.rpartition(":")[2] for key in statement["Condition"]["StringEquals"]}
        assert keys == ({"SourceArn"} if name == "CodeBuildRole" else {"aud", "sub"}), name
        assert "*" not in json.dumps(statement)


@pytest.mark.parametrize("file", ["github.yml", "github-long.yml"])
def test_each_job_for_github_takes_a_role_that_trusts_its_environment(file: str, roles: dict[str, str]) -> None:
    arns = {"TIDEGATE_RELEASE_ROLE": "GitHubReleaseRoleArn", "TIDEGATE_WATCH_ROLE": "GitHubWatchRoleArn"}
    for job in recipe(file, "shop-001")["jobs"].values():
        (taken,) = (step["with"]["role-to-assume"] for step in job["steps"] if "role-to-assume" in step.get("with", {}))
        role = stored.role(roles[arns[taken.strip("${ }").removeprefix("vars.")]])
        assert role
        (trust,) = json.loads(role.assume_role_policy_document)["Statement"]
        subject = trust["Condition"]["StringEquals"]["token.actions.githubusercontent.com:sub"]
        assert subject == f"repo:{REPOSITORY}:environment:{job['environment']}"
        assert job["permissions"] == {"id-token": "write"}


def test_every_permission_of_the_roles_was_needed_and_none_was_missing(
    world: World, roles: dict[str, str], plain: str
) -> None:
    """Comes last: of what the recipes above called."""
    arns = {plain, *(value for name, value in roles.items() if name.endswith("RoleArn"))}
    calls = [call for call in list(world.cloud.calls) if call.caller_role in arns]
    assert [call for call in calls if not call.allowed] == []
    needed = {
        (statement.partition("/")[2], grant.action, grant.resource)
        for call in calls
        for grant in call.grants
        for statement in grant.statements
    }
    unneeded = [
        (policy, sid, action, resource)
        for policy, sid, action, resource in set(permitted(arns))
        if not any(name == f"{policy}/{sid}" and done == action and arn_like(on, resource) for name, done, on in needed)
    ]
    assert unneeded == []


def permitted(arns: set[str]) -> Iterator[tuple[str, str, str, str]]:
    """Give policy, statement, action and resource of all that roles may do."""
    for arn in arns:
        for policy, text in stored.identity_policies(arn).items():
            for each in json.loads(text)["Statement"]:
                if each["Sid"] not in OURS_ALONE:
                    for action in listed(each["Action"]):
                        for resource in listed(each["Resource"]):
                            yield policy, each["Sid"], action, resource
