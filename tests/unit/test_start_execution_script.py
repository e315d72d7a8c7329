"""docs/ci/start-execution.sh: how it ends, with an `aws` of ours that answers from files."""

import subprocess
from pathlib import Path

import pytest

from tests.reading import ROOT

AWS = """#!/bin/bash
# Answers with the next line of the file that is named after the operation, and with its last one from then on.
answers=$FOLDER/$2
IFS='|' read -r code out err <"$answers"
[ "$(wc -l <"$answers")" -le 1 ] || sed -i 1d "$answers"
printf '%s %s\\n' "$2" "$*" >>"$FOLDER/calls"
[ -z "$out" ] || printf '%b\\n' "$out"
[ -z "$err" ] || printf '%b\\n' "$err" >&2
exit "$code"
"""
MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:tidegate-release"
STACK = f"0|{MACHINE}"
STARTED = "0|arn:aws:states:eu-west-1:123456789012:execution:tidegate-release:checkout-7"
RUNNING = "0|RUNNING\\tNone\\tNone"
SUCCEEDED = "0|SUCCEEDED\\tNone\\tNone"
FAILED = "0|FAILED\\tVersionFailed\\t8 of 25 failed"


def error(code: str, operation: str = "DescribeExecution") -> str:
    return f"254||An error occurred ({code}) when calling the {operation} operation: no"


UNREACHABLE = '255||Could not connect to the endpoint URL: "https://states.eu-west-1.example/"'
THROTTLED = error("ThrottlingException")
EXPIRED = error("ExpiredTokenException")
ABSENT = error("ExecutionDoesNotExist")
EXISTS = error("ExecutionAlreadyExists", "StartExecution")
REFUSED = error("AccessDeniedException", "StartExecution")


class Called:
    def __init__(self, folder: Path, *arguments: str) -> None:
        (folder / "aws").write_text(AWS)
        (folder / "aws").chmod(0o755)
        variables = {"PATH": f"{folder}:/usr/bin:/bin", "FOLDER": str(folder), "POLL_SECONDS": "0"}
        done = subprocess.run(
            [ROOT / "docs/ci/start-execution.sh", *(arguments or ("checkout-7", "{}"))],
            env=variables,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr
        calls = folder / "calls"
        self.looks = calls.read_text().count("describe-execution ") // 2 if calls.exists() else 0


def call(folder: Path, *looks: str, start: str = STARTED, stack: str = STACK) -> Called:
    for operation, answers in (
        ("describe-stacks", [stack]),
        ("start-execution", [start]),
        ("describe-execution", looks),
    ):
        (folder / operation).write_text("".join(f"{each}\n" for each in answers))
    return Called(folder)


@pytest.mark.parametrize(("last", "code"), [(SUCCEEDED, 0), (FAILED, 1), ("0|ABORTED\\tNone\\tNone", 1)])
def test_it_ends_as_the_release_does(last: str, code: int, tmp_path: Path) -> None:
    done = call(tmp_path, RUNNING, RUNNING, last)
    assert (done.code, done.looks) == (code, 3)
    assert done.out.splitlines()[-1] == last.partition("|")[2].replace("\\t", "\t")


@pytest.mark.parametrize("trouble", [UNREACHABLE, THROTTLED, EXPIRED, ABSENT])
def test_a_look_that_fails_is_made_again(trouble: str, tmp_path: Path) -> None:
    done = call(tmp_path, RUNNING, trouble, trouble, RUNNING, trouble, SUCCEEDED)
    assert (done.code, done.looks, done.err) == (0, 6, "")


@pytest.mark.parametrize(
    ("trouble", "start"), [(UNREACHABLE, STARTED), (THROTTLED, EXISTS), (EXPIRED, UNREACHABLE), (ABSENT, STARTED)]
)
def test_without_an_answer_for_long_the_outcome_is_unknown(trouble: str, start: str, tmp_path: Path) -> None:
    done = call(tmp_path, RUNNING, trouble, start=start)
    assert (done.code, done.looks) == (5, 13)
    assert "the status of checkout-7 is unknown; the release continues. Run this script again" in done.err
    assert trouble.rpartition("|")[2] in done.err, "with what AWS said"


def test_a_release_of_this_name_that_is_there_is_followed(tmp_path: Path) -> None:
    done = call(tmp_path, RUNNING, FAILED, start=EXISTS)
    assert (done.code, done.out.splitlines()[-1].split("\t")[0]) == (1, "FAILED")


@pytest.mark.parametrize(
    ("start", "look"),
    [(REFUSED, ABSENT), (UNREACHABLE, ABSENT), (error("InvalidName", "StartExecution"), error("InvalidArn"))],
)
def test_what_was_not_started_and_is_not_there_ends_soon(start: str, look: str, tmp_path: Path) -> None:
    done = call(tmp_path, look, start=start)
    assert (done.code, done.looks) == (1, 2), "twice, since a new execution is not shown at once"
    assert "checkout-7 was not started" in done.err
    assert start.rpartition("|")[2] in done.err


@pytest.mark.parametrize(
    ("stack", "said"),
    [
        (error("ValidationError", "DescribeStacks"), "the stack tidegate could not be read"),
        ("0|None", "the stack tidegate has no output StateMachineArn"),
        ("0|", "the stack tidegate has no output StateMachineArn"),
    ],
)
def test_without_the_stack_nothing_is_started(stack: str, said: str, tmp_path: Path) -> None:
    done = call(tmp_path, SUCCEEDED, stack=stack)
    assert (done.code, done.looks, said in done.err) == (1, 0, True)
    assert "start-execution" not in (tmp_path / "calls").read_text()


def test_called_without_a_request_it_says_how_it_is_called(tmp_path: Path) -> None:
    done = Called(tmp_path, "checkout-7")
    assert (done.code, "start-execution.sh NAME REQUEST [STACK]" in done.err) == (2, True)
