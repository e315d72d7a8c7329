"""The official AWS CLI, which knows nothing of Tidegate, starts, describes and stops a release on the local cloud."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

from tests.command.calling import environment
from tests.reading import ROOT
from tests.workflow.releases import eventually
from tests.workflow.world import World

AWS = ROOT / ".venv-aws/bin/aws"
PATIENCE = 120.0


def variables(world: World, home: Path, **more: str) -> dict[str, str]:
    """Give the environment of somebody who has this CLI alone, and no configuration of another one."""
    assert AWS.exists(), "the AWS CLI is not installed: make .venv-aws/ready"
    kept = {name: value for name, value in environment(world).items() if name != "AWS_ENDPOINT_URL"}
    region = {"AWS_DEFAULT_REGION": kept.pop("AWS_REGION")}  # the only variable that its first version reads
    return {**kept, **region, "HOME": str(home), "PATH": f"{AWS.parent}:{kept['PATH']}", **more}


def answer(command: list[str], env: dict[str, str]) -> Any:
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) if done.stdout.strip() else None


def documented_start() -> str:
    """Read how docs/execute.md starts a release with the AWS CLI."""
    page = (ROOT / "docs/execute.md").read_text()
    (block,) = re.findall(r"```sh\n(aws stepfunctions start-execution .*?)```", page, re.DOTALL)
    return str(block)


def when_wrong(section: str, block: int = 0) -> str:
    """Read a script of docs/trouble.md."""
    text = (ROOT / "docs/trouble.md").read_text().split(f"\n## {section}\n")[1].split("\n## ")[0]
    return str(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)[block])


def test_a_release_is_started_as_the_page_says_seen_and_stopped(world: World, tmp_path: Path) -> None:
    target = world.target()
    script = documented_start().replace("checkout", target.name)
    env = variables(world, tmp_path, AWS_ENDPOINT_URL=world.cloud.endpoint)
    started = answer(["bash", "-euc", script], env)["executionArn"]
    name = started.rpartition(":")[2]
    assert started == world.execution(f"{target.name}-2026-11-22-1")

    def aws(*arguments: str) -> Any:
        command = ["aws", "--endpoint-url", world.cloud.endpoint, "stepfunctions", *arguments]
        return answer(command, variables(world, tmp_path))

    eventually(lambda: target.state == ("1", {"2": 0.05}), "the first traffic on the new version")
    seen = aws("describe-execution", "--execution-arn", started)
    assert (seen["status"], json.loads(seen["input"])["function"]) == ("RUNNING", target.name)
    machine = world.stack.outputs["StateMachineArn"]
    running = aws("list-executions", "--state-machine-arn", machine, "--status-filter", "RUNNING")
    assert name in {each["name"] for each in running["executions"]}
    stop = next(line for line in when_wrong("By hand").splitlines() if "stop-execution" in line)
    answer(["bash", "-euc", stop], env | {"EXECUTION": started})
    executions = world.cloud.client("stepfunctions")
    eventually(lambda: executions.describe_execution(executionArn=started)["status"] != "RUNNING", "its end")
    assert aws("describe-execution", "--execution-arn", started)["status"] == "ABORTED"
    recover = when_wrong("Recover does not run").replace("/dev/stdout", str(tmp_path / "answer.json"))
    recover = recover.replace("--cli-binary-format raw-in-base64-out", "")  # which its first version does without
    answer(["bash", "-euc", recover], env | {"RECOVER_FUNCTION": world.stack.outputs["RecoverFunction"]})
    assert f"{target.name}:live is 100 % on version 1 again" in (tmp_path / "answer.json").read_text()
    assert target.state == ("1", {})
    world.recover(later=200)


def test_the_log_and_the_outputs_are_found_as_the_page_says(world: World, tmp_path: Path) -> None:
    env = variables(world, tmp_path, AWS_ENDPOINT_URL=world.cloud.endpoint)
    for script in (when_wrong("Logs"), when_wrong("By hand", block=1)):
        said = answer(["bash", "-euc", script.replace("--output table", "")], env)
        assert isinstance(said, list)
