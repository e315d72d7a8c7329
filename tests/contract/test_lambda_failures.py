"""How invocations fail: in init, in the handler, with the process, before they begin (recorded by LocalStack)."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from localcloud import LocalCloud, lambda_
from localcloud.lambda_.runtime import environment
from tests.contract.lambda_calls import (
    FUNCTIONS,
    HEALTHY,
    answer,
    refused,
    report_of,
    source,
    until,
    zip_of,
)


def test_a_failing_handler_answers_200_with_unhandled(cloud: LocalCloud, client: Any) -> None:
    """Its REPORT has no Status (LocalStack's recording of test_invocation_type_event_error, 04-09-2023)."""
    cloud.create_function("invoke-handler-error", FUNCTIONS / "handler_error")
    told = answer(client, "invoke-handler-error")
    assert (told["StatusCode"], told["FunctionError"], told["ExecutedVersion"]) == (200, "Unhandled", "$LATEST")
    payload = told["Payload"]
    assert (payload["errorType"], payload["errorMessage"]) == ("ValueError", "the handler fails")
    assert payload["requestId"] == told["ResponseMetadata"]["RequestId"]
    assert payload["stackTrace"][0].endswith('raise ValueError("the handler fails")\n')
    assert "[ERROR] ValueError: the handler fails" in told["Log"]
    assert "Status: " not in told["Log"]
    assert "Init Duration: " in report_of(told["Log"])


def test_a_process_that_ends_in_the_handler_is_told_in_the_report(
    cloud: LocalCloud, client: Any, tmp_path: Path
) -> None:
    """The Lambda guide's example of a crash, new style: the init succeeded, so its duration is there."""
    cloud.create_function("invoke-crash", source(tmp_path, "import os\ndef handler(e, c):\n    os._exit(3)\n"))
    told = report_of(answer(client, "invoke-crash")["Log"])
    assert told.endswith("\tStatus: error\tError Type: Runtime.ExitError")
    assert "Init Duration: " in told


def test_a_failing_import_has_an_empty_request_id_and_an_init_report(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("invoke-import-error", FUNCTIONS / "import_error")
    for _ in range(2):  # no environment survives a failed init
        told = answer(client, "invoke-import-error")
        assert told["FunctionError"] == "Unhandled"
        assert told["Payload"] == {
            "errorMessage": "Unable to import module 'app': No module named 'a_module_that_is_not_there'",
            "errorType": "Runtime.ImportModuleError",
            "requestId": "",
            "stackTrace": [],
        }
        # Recorded in April and June 2025 and 2026 by several users: the init is run twice, and the report follows.
        for phase in ("init", "invoke"):
            assert f"Phase: {phase}\tStatus: error\tError Type: Runtime.ImportModuleError" in told["Log"]
        assert told["Log"].index("Phase: invoke") < told["Log"].index("START RequestId")
        assert report_of(told["Log"]).endswith("\tStatus: error\tError Type: Runtime.ImportModuleError")
        assert "Init Duration: " not in report_of(told["Log"])


@pytest.mark.parametrize(
    ("text", "error_type"),
    [
        ("raise Exception('startup fails')", "Exception"),
        ("import os\nos.environ['MISSING']", "KeyError"),
        ("def handler(:", "Runtime.UserCodeSyntaxError"),
        ("x = 1", "Runtime.HandlerNotFound"),
    ],
)
def test_other_errors_at_import_keep_their_names(
    cloud: LocalCloud, client: Any, tmp_path: Path, text: str, error_type: str
) -> None:
    name = f"invoke-init-{error_type.rpartition('.')[2]}"
    cloud.create_function(name, source(tmp_path, text))
    payload = answer(client, name)["Payload"]
    assert (payload["errorType"], payload["requestId"]) == (error_type, "")


@pytest.mark.parametrize("place", ["init", "handler"])
def test_an_exit_is_a_runtime_exit_error(cloud: LocalCloud, client: Any, tmp_path: Path, place: str) -> None:
    code = "import sys\nsys.exit(0)" if place == "init" else "import sys\ndef handler(e, c):\n    sys.exit(0)\n"
    cloud.create_function(f"invoke-exit-{place}", source(tmp_path, code))
    told = answer(client, f"invoke-exit-{place}")
    assert (told["FunctionError"], told["Payload"]["errorType"]) == ("Unhandled", "Runtime.ExitError")
    assert told["Payload"]["errorMessage"].startswith("RequestId: ")
    assert told["Payload"]["errorMessage"].endswith(" Error: Runtime exited without providing a reason")


def test_an_exit_with_a_status_says_so(cloud: LocalCloud, client: Any, tmp_path: Path) -> None:
    cloud.create_function("invoke-exit-3", source(tmp_path, "import os\ndef handler(e, c):\n    os._exit(3)\n"))
    message = answer(client, "invoke-exit-3")["Payload"]["errorMessage"]
    assert message.endswith(" Error: Runtime exited with error: exit status 3")


def test_a_time_out_is_in_real_time_and_ends_the_environment(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("invoke-slow", FUNCTIONS / "slow", timeout=1)
    began = time.monotonic()
    told = answer(client, "invoke-slow", {"seconds": 5})
    assert time.monotonic() - began >= 1.0
    assert told["FunctionError"] == "Unhandled"
    assert told["Payload"]["errorType"] == "Sandbox.Timedout"
    assert told["Payload"]["errorMessage"].endswith(" Error: Task timed out after 1.00 seconds")
    assert "Status: timeout" in told["Log"]
    assert "Init Duration" in answer(client, "invoke-slow", {"seconds": 0})["Log"]


def test_a_segmentation_fault_in_init_is_answered_as_a_time_out(cloud: LocalCloud, client: Any, tmp_path: Path) -> None:
    code = "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)"
    cloud.create_function("invoke-fault", source(tmp_path, code), timeout=1)
    payload = answer(client, "invoke-fault")["Payload"]
    assert payload["errorType"] == "Sandbox.Timedout"


def test_a_payload_that_is_no_json_is_refused(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("invoke-json", HEALTHY)
    name, code, message = refused(client.invoke, FunctionName="invoke-json", Payload=b"{")
    assert (name, code) == ("InvalidRequestContentException", 400)
    assert message.startswith("Could not parse request body into json: ")


def test_a_large_event_and_a_large_answer_go_through_and_a_too_large_one_does_not(
    cloud: LocalCloud, client: Any, tmp_path: Path
) -> None:
    code = "def handler(event, context):\n    return 'x' * (event if isinstance(event, int) else len(event))\n"
    cloud.create_function("invoke-large", source(tmp_path, code), timeout=20)
    assert len(answer(client, "invoke-large", "y" * 5_000_000)["Payload"]) == 5_000_000
    told = answer(client, "invoke-large", 7_000_000)
    assert told["Payload"]["errorType"] == "Function.ResponseSizeTooLarge"


def test_killing_an_environment_by_its_credentials_ends_the_invocation(
    cloud: LocalCloud, client: Any, tmp_path: Path
) -> None:
    code = (
        "import os, time\ndef handler(event, context):\n    open(event, 'w').write(os.environ['AWS_ACCESS_KEY_ID'])\n"
    )
    code += "    time.sleep(10)\n"
    cloud.create_function("invoke-kill", source(tmp_path / "code", code), timeout=20)
    key = tmp_path / "key"
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(answer, client, "invoke-kill", str(key))
        until(lambda: key.exists() and key.read_text(), bool)
        assert lambda_.kill_environment(key.read_text())
        told = running.result(5)
    assert told["Payload"]["errorType"] == "Runtime.ExitError"
    assert told["Payload"]["errorMessage"].endswith("Runtime exited with error: signal: killed")
    assert not lambda_.kill_environment(key.read_text())


def test_an_environment_that_died_while_idle_is_replaced_unnoticed(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("invoke-idle", HEALTHY)
    first = answer(client, "invoke-idle")["Payload"]
    assert lambda_.kill_environment(first["environment"]["AWS_ACCESS_KEY_ID"])
    second = answer(client, "invoke-idle")
    assert "FunctionError" not in second
    assert second["Payload"]["pid"] != first["pid"]


def test_a_zip_that_is_none_is_refused(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("invoke-zip", HEALTHY)
    name, code, message = refused(
        client.update_function_code, FunctionName="invoke-zip", ZipFile=zip_of("healthy")[:50]
    )
    assert (name, code) == ("InvalidParameterValueException", 400)
    assert message.startswith("Could not unzip uploaded file.")


def late(tmp_path: Path, seconds: float, handler_seconds: float = 0.0) -> Path:
    """Write a function whose first init takes half a minute, and the second one `seconds`."""
    code = f"import pathlib, time\nmark = pathlib.Path({str(tmp_path)!r} + '.mark')\nfirst = not mark.exists()\n"
    code += f"mark.touch()\ntime.sleep(30 if first else {seconds})\n"
    return source(
        tmp_path, f"{code}def handler(event, context):\n    time.sleep({handler_seconds})\n    return 'late'\n"
    )


def test_an_init_over_its_limit_is_tried_once_more_inside_the_invocation(
    cloud: LocalCloud, client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A suppressed init: no Init Duration, and the Duration includes it (Lambda guide, execution environment)."""
    assert environment.INIT_LIMIT_SECONDS == 10
    monkeypatch.setattr(environment, "INIT_LIMIT_SECONDS", 0.5)
    cloud.create_function("fail-late", late(tmp_path / "late", 0.4), timeout=10)
    told = answer(client, "fail-late")
    assert told["Payload"] == "late"
    assert "Phase: init\tStatus: timeout" in told["Log"]
    assert "Phase: invoke" not in told["Log"]
    report = report_of(told["Log"])
    assert "Init Duration: " not in report
    assert float(report.split("Duration: ")[1].split(" ")[0]) >= 400
    assert "Init Duration" not in answer(client, "fail-late")["Log"]


def test_an_init_that_is_run_again_takes_of_the_functions_time(
    cloud: LocalCloud, client: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "INIT_LIMIT_SECONDS", 0.5)
    cloud.create_function("fail-slow", late(tmp_path / "slow", 0.5, handler_seconds=0.8), timeout=1)
    told = answer(client, "fail-slow")
    assert told["Payload"]["errorType"] == "Sandbox.Timedout"
    assert "Phase: invoke" not in told["Log"]
    cloud.create_function("fail-never", source(tmp_path / "never", "import time\ntime.sleep(30)"), timeout=1)
    told = answer(client, "fail-never")
    assert told["Payload"]["errorType"] == "Sandbox.Timedout"
    assert "Phase: invoke\tStatus: timeout" in told["Log"]


def test_a_throttled_event_is_run_later(cloud: LocalCloud, client: Any) -> None:
    cloud.create_function("fail-event", FUNCTIONS / "slow")
    client.put_function_concurrency(FunctionName="fail-event", ReservedConcurrentExecutions=1)
    for _ in range(2):
        client.invoke(FunctionName="fail-event", InvocationType="Event", Payload=b'{"seconds": 0.3}')

    def throttled() -> list[bool]:
        return [told.throttled for told in list(cloud.invocations) if told.function_name == "fail-event"]

    assert until(throttled, lambda seen: seen.count(False) == 2)[0]
