"""A function that uses more memory than it may is killed (Lambda guide, "Configure Lambda function memory").

Answer and log: DataBiosphere/azul issue 3485 and aws-solutions-library-samples/cloud-intelligence-dashboards-data-
collection issue 201, "Runtime exited with error: signal: killed" and Runtime.ExitError (recorded 2021 and 2024; in 2026
some are answered Runtime.OutOfMemory: adobe/helix-html2md-service issue 1001).
"""

from pathlib import Path
from typing import Any

import pytest

from localcloud import LocalCloud
from tests.contract.lambda_calls import answer, report_of, source

TAKES = """
import mmap, multiprocessing, subprocess, sys, time

def take(megabytes):
    return bytearray(b"x") * (megabytes * 1024 * 1024)

def handler(event, context):
    if event.get("reserve"):  # address space, of which hardly anything is touched
        kept = mmap.mmap(-1, event["reserve"] * 1024 * 1024)
    if event.get("take"):
        kept = take(event["take"])
    if event.get("child"):
        code = f"kept = bytearray(b'x') * ({event['child']} * 1024 * 1024); import time; time.sleep(0.5)"
        subprocess.run([sys.executable, "-c", code])
    if event.get("share"):  # one memory in two processes
        kept = take(event["share"])
        shares = multiprocessing.get_context("fork").Process(target=time.sleep, args=(0.4,))
        shares.start()
        shares.join()
    time.sleep(event.get("seconds", 0))
    return "served"
"""


@pytest.fixture(scope="module")
def function(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder: Path = source(tmp_path_factory.mktemp("memory"), TAKES)
    cloud.create_function("memory-takes", folder, timeout=10, memory=192)
    return "memory-takes"


@pytest.mark.parametrize("event", [{"take": 300, "seconds": 5}, {"take": 300}, {"child": 300}, {"share": 210}], ids=str)
def test_a_function_over_its_memory_is_killed(client: Any, function: str, event: dict[str, Any]) -> None:
    told = answer(client, function, event)
    request = told["ResponseMetadata"]["RequestId"]
    assert told["FunctionError"] == "Unhandled"
    assert told["Payload"] == {
        "errorType": "Runtime.ExitError",
        "errorMessage": f"RequestId: {request} Error: Runtime exited with error: signal: killed",
    }
    report = report_of(told["Log"])
    assert "Memory Size: 192 MB\tMax Memory Used: 192 MB\t" in report
    assert report.endswith("Status: error\tError Type: Runtime.ExitError")
    assert float(report.split("Duration: ")[1].split(" ")[0]) < 3000


@pytest.mark.parametrize(
    "event",
    [{"take": 90, "seconds": 0.2}, {"reserve": 4000, "seconds": 0.2}, {"child": 90}, {"share": 90}],
    ids=str,
)
def test_a_function_within_its_memory_is_not(client: Any, function: str, event: dict[str, Any]) -> None:
    """Address space is no memory, and what two processes share counts once."""
    for _ in range(2):
        told = answer(client, function, event)
        assert told["Payload"] == "served"
        assert 10 < int(report_of(told["Log"]).split("Max Memory Used: ")[1].split(" ")[0]) <= 192


def test_an_init_over_its_memory_is_killed_too(cloud: LocalCloud, client: Any, tmp_path: Path) -> None:
    code = "import time\nkept = bytearray(b'x') * (300 * 1024 * 1024)\ntime.sleep(5)\ndef handler(e, c): pass\n"
    cloud.create_function("memory-init", source(tmp_path, code))
    told = answer(client, "memory-init")
    assert told["Payload"]["errorMessage"].endswith("Runtime exited with error: signal: killed")
    assert "Phase: invoke\tStatus: error\tError Type: Runtime.ExitError" in told["Log"]
