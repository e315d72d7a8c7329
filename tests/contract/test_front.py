"""The front: one endpoint for every service, any client and any credentials; and one cloud at a time."""

import contextlib
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from localcloud import LocalCloud
from localcloud.deploy import zipped
from localcloud.front.server import Front

SERVICES = {
    "cloudformation": "list_stacks",
    "cloudwatch": "list_metrics",
    "dynamodb": "list_tables",
    "events": "list_rules",
    "iam": "list_roles",
    "lambda": "list_functions",
    "logs": "describe_log_groups",
    "s3": "list_buckets",
    "sqs": "list_queues",
    "stepfunctions": "list_state_machines",
    "sts": "get_caller_identity",
}


@pytest.mark.parametrize(("service", "call"), SERVICES.items())
def test_every_service_answers_at_the_one_endpoint(cloud: LocalCloud, service: str, call: str) -> None:
    answer = getattr(cloud.client(service), call)()
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_any_credentials_are_the_administrators(cloud: LocalCloud) -> None:
    client = boto3.client(
        "sts",
        endpoint_url=cloud.endpoint,
        region_name="eu-west-1",
        aws_access_key_id="anything",
        aws_secret_access_key="at-all",
        config=Config(retries={"total_max_attempts": 1}),
    )
    assert client.get_caller_identity()["Account"] == "123456789012"


def test_the_front_listens_on_this_machine_only(cloud: LocalCloud) -> None:
    assert cloud.endpoint.startswith("http://127.0.0.1:")


@pytest.fixture
def front() -> Iterator[Front]:
    front = Front()
    front.start()
    yield front
    front.stop()


def test_one_connection_serves_request_after_request_whatever_is_sent_and_not_read(front: Front) -> None:
    connection = HTTPConnection("127.0.0.1", front.port, timeout=10)
    connection.connect()
    kept = connection.sock
    for method, body in (("GET", None), ("PUT", b"x" * 100_000), ("HEAD", None), ("POST", iter([b"a", b"b"]))):
        assert connection.sock is kept
        connection.request(method, "/moto-api/none", body)
        answer = connection.getresponse()
        assert (answer.status, answer.version) == (404, 11)
        assert bool(answer.read()) is (method != "HEAD")
    assert connection.sock is None, "of a body sent in pieces the end is not known: that connection is closed"


def test_a_front_that_stops_serves_no_connection_any_more(front: Front) -> None:
    connection = HTTPConnection("127.0.0.1", front.port, timeout=10)
    connection.request("GET", "/")
    connection.getresponse().read()
    assert connection.sock is not None
    front.stop()
    assert connection.sock.recv(1) == b""


def test_a_taken_port_is_an_error_and_not_the_end_of_the_process() -> None:
    with (
        contextlib.closing(socket.create_server(("127.0.0.1", 0))) as taken,
        pytest.raises(OSError, match="in use"),
    ):
        Front(taken.getsockname()[1])


def test_a_second_cloud_in_the_process_is_refused(cloud: LocalCloud) -> None:
    with pytest.raises(RuntimeError, match="runs in this process already"):
        LocalCloud().start()


def test_the_same_files_make_the_same_package(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.py").write_text("x = 1\n")
    assert zipped(tmp_path / "one") == zipped(tmp_path / "two")
