"""The front: one endpoint for every service, any client and any credentials; and one cloud at a time."""

import contextlib
import socket
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import boto3
import pytest
from botocore.config import Config

from localcloud import LocalCloud
from localcloud.deploy import zipped
from localcloud.front.server import Front
from tests.browser import CHROMIUM, look

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


@pytest.mark.parametrize("sent", ["", "Content-Length: 40\r\n\r\nAction=CreateUser&UserName=Al"])
def test_half_a_request_is_none(cloud: LocalCloud, sent: str) -> None:
    """So a process ends that is killed while it asks: what is there of its request may name another resource."""
    scope = "AWS4-HMAC-SHA256 Credential=key/20260101/us-east-1/iam/aws4_request"
    heading = f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{cloud.front.port}\r\nAuthorization: {scope}\r\n"
    form = "Content-Type: application/x-www-form-urlencoded\r\n"
    with contextlib.closing(socket.create_connection(("127.0.0.1", cloud.front.port))) as client:
        client.sendall(f"{heading}{form}{sent}".encode())
        client.shutdown(socket.SHUT_WR)
        client.settimeout(30)
        assert client.recv(1024) == b""
    assert cloud.client("iam").list_users()["Users"] == []


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


def answered(front: Front, method: str, path: str, **headers: str) -> HTTPResponse:
    connection = HTTPConnection("127.0.0.1", front.port, timeout=10)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, path, headers=given)
    answer = connection.getresponse()
    answer.read()
    return answer


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://example.com"},
        {"Origin": "null"},
        {"Origin": "http://localhost:3000"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Host": "example.com"},
        {"Host": "127.0.0.1.example.com"},
        {"Host": "localhost.example.com:80"},
        {"Host": "notlocalhost"},
        {"Host": "moto_api"},
        {"Host": ""},
    ],
    ids=str,
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_request_of_a_page_or_by_another_name_is_refused(front: Front, method: str, headers: dict[str, str]) -> None:
    answer = answered(front, method, "/", **headers)
    assert answer.status == 403
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [{}, {"Host": "localhost:4566"}, {"Host": "bucket.localhost"}, {"Host": "[::1]:80"}, {"Sec_Fetch_Site": "none"}],
    ids=str,
)
def test_a_program_of_this_machine_is_answered(front: Front, headers: dict[str, str]) -> None:
    assert answered(front, "GET", "/", **headers).status != 403


def test_no_page_may_read_an_answer(front: Front) -> None:
    answer = answered(front, "GET", "/", Origin=front.endpoint)
    assert answer.status == 200
    assert [name for name in answer.headers if name.lower().startswith("access-control")] == []


@pytest.mark.parametrize("path", ["/moto-api/", "/moto-api/data.json", "/moto-api/recorder/start-recording"])
def test_what_moto_serves_beside_aws_is_not_served(front: Front, path: str) -> None:
    assert answered(front, "POST", path).status == 404


PAGE = """<!doctype html><title>A page of somebody</title>
<img src="{front}/bucket/kept">
<iframe name="inside"></iframe>
<form target="inside" method="post" action="{front}/moto-api/reset"></form>
<script>
document.forms[0].submit();
const asked = new XMLHttpRequest();
asked.open("POST", "{front}/bucket?delete", false);
try {{ asked.send("{delete}"); }} catch (error) {{ }}
</script>"""
"""What any page on the web can do: none of these requests needs leave, whether or not it may read the answer."""

DELETE = "<Delete><Object><Key>{}</Key></Object></Delete>"


@contextlib.contextmanager
def serving(page: str) -> Iterator[str]:
    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}/"
        server.shutdown()


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
def test_a_page_in_a_real_browser_does_nothing_in_the_cloud(front: Front) -> None:
    s3 = boto3.client(
        "s3", endpoint_url=front.endpoint, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    s3.create_bucket(Bucket="bucket")
    for key in ("kept", "gone"):
        s3.put_object(Bucket="bucket", Key=key, Body=b"x")
    connection = HTTPConnection("127.0.0.1", front.port, timeout=10)
    connection.request("POST", "/bucket?delete", DELETE.format("gone"), {"Content-Type": "text/plain"})
    assert connection.getresponse().status == 200, "a program may do what the page does"
    with serving(PAGE.format(front=front.endpoint, delete=DELETE.format("kept"))) as address:
        opened = look(address)
    sent = {url.removeprefix(front.endpoint) for url in opened.fetched if url.startswith(front.endpoint)}
    assert sent == {"/bucket/kept", "/moto-api/reset", "/bucket?delete"}
    assert [each["Key"] for each in s3.list_objects_v2(Bucket="bucket")["Contents"]] == ["kept"]
