"""Execution environments never outlive the cloud."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

CLOUD = textwrap.dedent(
    """
    import json, sys, threading, time
    from pathlib import Path
    from localcloud import LocalCloud

    code = Path(sys.argv[1])
    with LocalCloud(factor=60) as cloud:
        cloud.create_function("idle", code)
        cloud.create_function("busy", code, timeout=60)
        client = cloud.client("lambda")
        pid = json.load(client.invoke(FunctionName="idle", Payload=b'{"pids": "%s"}' % sys.argv[2].encode())["Payload"])
        event = json.dumps({"pids": sys.argv[2], "seconds": 60})
        threading.Thread(target=client.invoke, kwargs={"FunctionName": "busy", "Payload": event}, daemon=True).start()
        while len(Path(sys.argv[2]).read_text().split()) < 2:
            time.sleep(0.01)
        if sys.argv[3] == "wait":
            print("ready", flush=True)
            time.sleep(60)
    """
)
FUNCTION = textwrap.dedent(
    """
    import os, time

    def handler(event, context):
        with open(event["pids"], "a") as pids:
            pids.write(f"{os.getpid()} ")
        time.sleep(event.get("seconds", 0))
        return os.getpid()
    """
)


@pytest.mark.parametrize("ending", ["killed", "stopped"])
def test_processes_end_with_the_cloud_idle_or_at_work(tmp_path: Path, ending: str) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "app.py").write_text(FUNCTION)
    pids = tmp_path / "pids"
    mode = "wait" if ending == "killed" else "stop"
    command = [sys.executable, "-c", CLOUD, str(code), str(pids), mode]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as cloud:
        assert cloud.stdout
        if ending == "killed":
            assert cloud.stdout.readline() == "ready\n"
            os.kill(cloud.pid, signal.SIGKILL)
        cloud.wait(60)
    started = [int(pid) for pid in pids.read_text().split()]
    assert len(started) == 2
    deadline = time.monotonic() + 30
    while any(_runs(pid) for pid in started):
        assert time.monotonic() < deadline, "a process outlived the cloud"
        time.sleep(0.02)


def _runs(pid: int) -> bool:
    """Zombies whose parent has not looked yet do not run."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
