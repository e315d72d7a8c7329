"""Node.js functions, as aws/aws-lambda-nodejs-runtime-interface-client (at da5777a) runs them on AWS."""

import json
import re
import shutil
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from localcloud import LocalCloud
from localcloud.lambda_.runtime import runtimes
from tests.contract.lambda_calls import answer, create, refused

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")

ASYNC = "exports.handler = async (event, context) => "


numbers = count(1)


def node(cloud: LocalCloud, folder: Path, files: dict[str, str] | str, **options: Any) -> str:
    """Create a function of these files, or of one index.js, and give its name."""
    name = f"node-{next(numbers)}"
    for file, text in ({"index.js": files} if isinstance(files, str) else files).items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text)
    cloud.create_function(name, folder, **{"runtime": "nodejs20.x", "handler": "index.handler", **options})
    return name


MODULES = {
    "CommonJS": {"index.js": f"{ASYNC}'served'"},
    "an ES module by its name": {"index.mjs": "import fs from 'node:fs'; export const handler = async () => 'served'"},
    "an ES module by its package": {
        "index.js": "export const handler = async () => 'served'",
        "package.json": '{"type": "module"}',
    },
    "CommonJS by its name": {"index.cjs": f"{ASYNC}'served'", "package.json": '{"type": "module"}'},
    "a package that it brings along": {
        "index.js": "const said = require('said'); exports.handler = async () => said",
        "node_modules/said/index.js": "module.exports = 'served'",
    },
    "a callback": "exports.handler = (event, context, callback) => { setTimeout(() => callback(null, 'served'), 20) }",
    "a callback that does not wait for the rest": (
        "exports.handler = (event, context, callback) => { context.callbackWaitsForEmptyEventLoop = false;"
        " setTimeout(() => {}, 60000); callback(null, 'served') }"
    ),
    "the context": "exports.handler = (event, context) => context.succeed('served')",
    "a promise of a plain function": "exports.handler = () => Promise.resolve('served')",
}


@pytest.mark.parametrize("files", MODULES.values(), ids=MODULES)
def test_modules_of_both_kinds_and_handlers_of_all_kinds_are_served(
    cloud: LocalCloud, client: Any, tmp_path: Path, files: dict[str, str] | str
) -> None:
    """UserFunction.js (_tryRequire), CallbackContext.js; Lambda guide, "Define Lambda function handler in Node.js"."""
    name = node(cloud, tmp_path, files)
    assert [answer(client, name)["Payload"] for _ in range(2)] == ["served", "served"]


def test_what_a_plain_function_returns_is_not_its_answer(cloud: LocalCloud, client: Any, tmp_path: Path) -> None:
    """Runtime.js (_setDefaultExitListener): the answer is null when nothing is left to wait for."""
    assert answer(client, node(cloud, tmp_path, "exports.handler = () => 'lost'"))["Payload"] is None


@pytest.mark.parametrize(
    ("files", "kind", "message"),
    [
        ("require('not-there')", "Runtime.ImportModuleError", "Error: Cannot find module 'not-there'\nRequire stack:"),
        ({"other.js": ""}, "Runtime.ImportModuleError", "Error: Cannot find module 'index'"),
        ({"index.mjs": "import x from 'not-there'"}, "Error", "Cannot find package 'not-there' imported from "),
        ("exports.handler = (;", "Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected token ';'"),
        ({"index.mjs": "export const handler = (;"}, "Runtime.UserCodeSyntaxError", "SyntaxError: "),
        ("exports.other = 1", "Runtime.HandlerNotFound", "index.handler is undefined or not exported"),
        ("exports.handler = 1", "Runtime.HandlerNotFound", "index.handler is not a function"),
        ("throw new TypeError('startup')", "TypeError", "startup"),
        (f"Promise.reject(new Error('lost')); {ASYNC}1", "Runtime.UnhandledPromiseRejection", "Error: lost"),
    ],
)
def test_errors_at_init_have_the_runtimes_names(
    cloud: LocalCloud, client: Any, tmp_path: Path, files: dict[str, str] | str, kind: str, message: str
) -> None:
    """UserFunction.js, Errors.js; log as in aws-samples/s3-to-lambda-patterns issue 40 (recorded in May 2025).

    A package that an ES module does not find keeps its type: aws/aws-lambda-base-images issue 80 (April 2023).
    """
    name = node(cloud, tmp_path, files)
    told = answer(client, name)
    assert told["FunctionError"] == "Unhandled"
    assert list(told["Payload"]) == ["errorType", "errorMessage", "trace"]
    assert told["Payload"]["errorType"] == kind
    assert told["Payload"]["errorMessage"].startswith(message)
    # Of a log in text; a rejection is told by a title of its own.
    title = "Unhandled Promise Rejection" if "Rejection" in kind else "Uncaught Exception"
    assert f"\tundefined\tERROR\t{title} \t" + '{"errorType":' + json.dumps(kind) in told["Log"]
    assert f"Phase: invoke\tStatus: error\tError Type: {kind}" in told["Log"]


ERRORS = {
    "thrown": (f"{ASYNC}{{ throw new RangeError('no') }}", "RangeError", "no", "Invoke Error"),
    "called back": (
        "exports.handler = (event, context, callback) => callback(new RangeError('no'))",
        "RangeError",
        "no",
        "Invoke Error",
    ),
    "thrown later": (
        "exports.handler = (event, context, callback) => { setTimeout(() => { throw new RangeError('no') }, 5) }",
        "RangeError",
        "no",
        "Uncaught Exception",
    ),
    "rejected by nobody awaited": (
        f"{ASYNC}{{ Promise.reject(new RangeError('no')); await new Promise(done => setTimeout(done, 500)) }}",
        "Runtime.UnhandledPromiseRejection",
        "RangeError: no",
        "Unhandled Promise Rejection",
    ),
    "a promise that is never settled": (f"{ASYNC}new Promise(() => {{}})", "Runtime.NodeJsExit", "", "Invoke Error"),
}


@pytest.mark.parametrize(("code", "kind", "message", "title"), ERRORS.values(), ids=ERRORS)
def test_errors_of_handlers_are_answered_and_logged(
    cloud: LocalCloud, client: Any, tmp_path: Path, code: str, kind: str, message: str, title: str
) -> None:
    """Runtime.js, CallbackContext.js, LogPatch.js: time, request and level, each with a tab after it, and JSON."""
    name = node(cloud, tmp_path, code)
    for _ in range(2):
        told = answer(client, name)
        assert (told["FunctionError"], told["Payload"]["errorType"]) == ("Unhandled", kind)
        assert told["Payload"]["errorMessage"].startswith(message)
        request = told["ResponseMetadata"]["RequestId"]
        (line,) = [line for line in told["Log"].splitlines() if "\tERROR\t" in line]
        assert re.match(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{{3}}Z\t{request}\tERROR\t{title} \t{{", line)
        logged = json.loads(line.rpartition("\t")[2])
        assert (logged["errorType"], logged["errorMessage"]) == (kind, told["Payload"]["errorMessage"])
        assert logged["stack"][0].startswith(kind)
        assert "Status: " not in told["Log"]


def test_what_is_no_error_is_answered_by_its_type(cloud: LocalCloud, client: Any, tmp_path: Path) -> None:
    """Errors.js (toRapidResponse)."""
    told = answer(client, node(cloud, tmp_path, f"{ASYNC}{{ throw 'a text' }}"))
    assert told["Payload"] == {"errorType": "string", "errorMessage": "a text", "trace": []}


@pytest.mark.parametrize("place", ["init", "handler"])
@pytest.mark.parametrize(("status", "reason"), [(0, "without providing a reason"), (3, "with error: exit status 3")])
def test_an_exit_is_a_runtime_exit_error(
    cloud: LocalCloud, client: Any, tmp_path: Path, place: str, status: int, reason: str
) -> None:
    """As for every runtime: Lambda guide, "Understanding the Lambda execution environment lifecycle"."""
    leaves = f"process.exit({status})"
    name = node(cloud, tmp_path, leaves if place == "init" else f"{ASYNC}{leaves}")
    payload = answer(client, name)["Payload"]
    assert payload["errorType"] == "Runtime.ExitError"
    assert payload["errorMessage"].endswith(f" Error: Runtime exited {reason}")


def test_a_time_out_ends_the_environment(cloud: LocalCloud, client: Any, tmp_path: Path) -> None:
    """Lambda guide, "Understanding the Lambda execution environment lifecycle"; names as recorded for Python."""
    code = f"{ASYNC}{{ await new Promise(done => setTimeout(done, event.ms)); return process.pid }}"
    name = node(cloud, tmp_path, code, timeout=1)
    first = answer(client, name, {"ms": 0})["Payload"]
    told = answer(client, name, {"ms": 5000})
    assert told["Payload"]["errorType"] == "Sandbox.Timedout"
    assert "Task timed out after 1.00 seconds" in told["Log"]
    assert answer(client, name, {"ms": 0})["Payload"] != first


def test_a_handler_knows_its_function_and_the_clouds_time(cloud: LocalCloud, client: Any, tmp_path: Path) -> None:
    """Lambda guide, "Using the Lambda context object to retrieve Node.js function information"."""
    code = f"""{ASYNC}{{
      const dates = [new Date(), new Date(Date.now()), Date.parse(Date()) + 999, new Date(0).getTime()];
      const same = new Date() instanceof Date && new Date().constructor === Date;
      return {{ ...context, left: context.getRemainingTimeInMillis(), dates, same, env: process.env }};
    }}"""
    began = cloud.clock.time()
    name = node(cloud, tmp_path, code, timeout=9, memory=256)
    seen = answer(client, name, ClientContext="eyJjdXN0b20iOiB7ImEiOiAxfX0=")["Payload"]
    assert (seen["functionName"], seen["functionVersion"], seen["memoryLimitInMB"]) == (name, "$LATEST", "256")
    assert seen["invokedFunctionArn"].endswith(f":function:{name}")
    assert (seen["logGroupName"], seen["clientContext"]) == (f"/aws/lambda/{name}", {"custom": {"a": 1}})
    assert 8000 < seen["left"] <= 9000
    assert seen["same"]
    assert seen["dates"][3] == 0
    assert began * 1000 <= seen["dates"][2] <= cloud.clock.time() * 1000 + 999
    assert seen["env"]["AWS_EXECUTION_ENV"] == "AWS_Lambda_nodejs20.x"
    assert seen["env"]["NODE_PATH"] == seen["env"]["LAMBDA_TASK_ROOT"]
    assert "PYTHONPATH" not in seen["env"]


def test_logs_are_lines_of_text_or_of_json(cloud: LocalCloud, client: Any, tmp_path: Path) -> None:
    """LogPatch.js; Lambda guide, "Log formats": several lines in one call are one event, levels are held in JSON."""
    code = (
        f"{ASYNC}{{ console.debug('hidden'); console.log('two\\nlines %s', 7); console.error(new RangeError('no')) }}"
    )
    name = node(cloud, tmp_path, code)
    told = answer(client, name)
    request = told["ResponseMetadata"]["RequestId"]
    assert f"\t{request}\tINFO\ttwo\nlines 7\n" in told["Log"]
    assert f"\t{request}\tDEBUG\thidden\n" in told["Log"]
    assert told["Log"].startswith("INIT_START Runtime Version: nodejs:20")
    logging = {"LogFormat": "JSON", "ApplicationLogLevel": "INFO"}
    client.update_function_configuration(FunctionName=name, LoggingConfig=logging)
    client.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 0.05})
    told = answer(client, name)
    lines = [json.loads(line) for line in told["Log"].splitlines() if line.startswith('{"timestamp"')]
    assert [(line["level"], line["requestId"]) for line in lines] == [
        (level, told["ResponseMetadata"]["RequestId"]) for level in ("INFO", "ERROR")
    ]
    assert lines[0]["message"] == "two\nlines 7"
    assert (lines[1]["message"]["errorType"], lines[1]["message"]["errorMessage"]) == ("RangeError", "no")


def test_where_node_is_not_installed_it_says_so(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtimes, "node", lambda: None)
    name, code, message = refused(create, cloud=cloud, name="node-none", Runtime="nodejs22.x")
    assert (name, code) == ("InvalidParameterValueException", 400)
    assert "nodejs22.x does not run here: there is no node on PATH." in message
    assert message.endswith("On AWS, Tidegate releases functions of every runtime.")
