"""Calling the command in a process of its own, with a real boto3, as a pipe or a terminal."""

import json
import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path
from typing import Any

from tests.command import forked
from tests.golden import as_golden
from tests.workflow.world import World

MAIN = "from tidegate_cli.main import main; main(prog_name='tidegate')"
QUICKLY = "0.5s"
PATIENCE = 120.0
GOLDEN = Path(__file__).parent / "golden"
WIDTH = 200


@dataclass(frozen=True)
class Called:
    """How a call went."""

    code: int
    out: str
    err: str

    @property
    def result(self) -> list[str]:
        """The words of the last line on stdout: outcome, function, alias, version, release."""
        return self.out.splitlines()[-1].split()

    @property
    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def told(self) -> list[str]:
        """What happened: the second column of the lines."""
        return [line.split()[1] for line in self.err.splitlines() if re.match(r"\d\d+:\d\d ", line)]


def environment(world: World, **more: str) -> dict[str, str]:
    """Give an environment that knows of the local cloud, and of no CI system."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_REGION": "us-east-1"}
    polls = {f"TIDEGATE_{command}_POLL": QUICKLY for command in ("RELEASE", "WATCH", "PLAN", "ROLLBACK")}
    return {**kept, **keys, **polls, "AWS_ENDPOINT_URL": world.cloud.endpoint, **more}


def call(
    world: World, *arguments: str, env: Mapping[str, str] | None = None, stdin: str = "", first: str = ""
) -> Called:
    """Run the command to its end, in a process that does something else first if told so."""
    done = forked.run(first + MAIN, arguments, environment(world, **(env or {})), stdin, PATIENCE)
    assert "Traceback" not in done.stderr, done.stderr
    return Called(done.returncode, done.stdout, done.stderr)


@contextmanager
def calling(world: World, *arguments: str, first: str = "") -> Iterator["subprocess.Popen[str]"]:
    """Give the process while it runs, an interpreter of its own; nobody is left behind."""
    process = subprocess.Popen(
        [sys.executable, "-c", first + MAIN, *arguments],
        env=environment(world),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def on_a_terminal(world: World, *arguments: str, typed: str = "", **env: str) -> Called:
    """Call it with a pseudo-terminal for all of its input and output, on which something may be typed."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, *arguments],
        env=environment(world, TERM="xterm-256color", COLUMNS=str(WIDTH), **env),
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    os.write(master, typed.encode())
    shown = b"".join(_read(master, process))
    os.close(master)
    return Called(process.wait(PATIENCE), shown.decode(), "")


def plain(text: str) -> str:
    """Give the lines that a terminal showed, those of a panel too: it erases a line before it writes it."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", text.replace("\x1b[2K", "\n")).replace("\r", "")


def _read(terminal: int, process: "subprocess.Popen[bytes]") -> Iterator[bytes]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            read = os.read(terminal, 65536)
        except OSError:  # the other end was closed
            return
        if not read:
            return
        yield read
    process.kill()


def tidied(text: str) -> str:
    """Give output as pages quote it: with its own times and counts, but short names and links.

    The look back comes when a release is over, a while after it: whether it is there is left to chance.
    """
    text = "".join(line for line in text.splitlines(keepends=True) if "looked-back" not in line)
    text = re.sub(r"arn:aws:states:\S*?:execution:\w+[\w-]*", "EXECUTION", text)
    text = re.sub(r"https://\S+?EXECUTION", "LINK", text)
    text = re.sub(r"shop-\d{3}", "shop", text)
    text = re.sub(r"\b[0-9a-f]{8}-(?=[\w.]+)", "DIGEST-", text)
    text = re.sub(r"\d{8}T\d{6}-\d{3}", "NOW", text)
    text = re.sub(r"^ALIAS +SERVES", "ALIAS      SERVES", text, flags=re.MULTILINE)  # as wide as shop:live
    return re.sub(r"\btidegate-[0-9a-f]{32}\b", "DELIMITER", text)


def normalised(text: str) -> str:
    """Make what else differs from run to run the same: times, counts, explanations."""
    text = re.sub(r"^\d\d+:\d\d ", "00:00 ", text, flags=re.MULTILINE)
    text = re.sub(r"\b\d+(?:,\d{3})* of \d+(?:,\d{3})*\b", "N of M", text)
    text = re.sub(r"rrors: since .*?chance exp[^.;\n]*", "rrors: EXPLANATION", text)  # one may be cut short
    text = re.sub(r"latency-p95: since .*?chance exp[^.;\n]*", "latency-p95: EXPLANATION", text)
    text = re.sub(r",? since \d\d:\d\d(?: UTC)?", "", text)
    text = re.sub(r"\bonce in 10\^\d+", "once in 10^N", text)
    text = re.sub(r"^(weight|(?:calls|failed) of \d+)( +)\S+", r"\1\2BLOCKS", text, flags=re.MULTILINE)
    text = re.sub(r"^( {20,})\d\d:\d\d +\d\d:\d\d$", r"\1TIMES", text, flags=re.MULTILINE)
    text = re.sub(r"^STEP +TIME +CALLS +SEES +", "STEP  TIME  CALLS  SEES  ", text, flags=re.MULTILINE)
    text = re.sub(r"^([\d.]+ %)  +\d+ \w+  +.*?(?: points| nothing) +\w.*$", r"\1  EXPECTED", text, flags=re.MULTILINE)
    text = re.sub(r"\b\d+ [\d a-z]*ago$", "TIME ago", text, flags=re.MULTILINE)
    text = re.sub(r", took [\d a-z]+\.", ", took TIME.", text)
    text = re.sub(r"\[\d+, \d+\]", "[N, M]", text)
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", text)
    text = re.sub(r"in \d+ ms", "in N ms", text)
    text = re.sub(r'("explanation": ")[^"]+', r"\g<1>EXPLANATION", text)
    return re.sub(r'("init_seconds": |"skew_seconds": )[\d.]+', r"\g<1>0", text)


def same_as_golden(text: str, name: str) -> bool:
    """Compare with a file in golden/, what differs from run to run left out; the file is the output of one run."""
    found = tidied(text)
    if normalised((GOLDEN / name).read_text(encoding="utf-8") if (GOLDEN / name).exists() else "") != normalised(found):
        expected = normalised(as_golden(found, GOLDEN / name))
        assert normalised(found) == expected, "\n".join(
            unified_diff(expected.splitlines(), normalised(found).splitlines(), name, "found")
        )
    return True
