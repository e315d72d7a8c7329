"""What other deciders take in a function: LaunchDarkly by stream and in daemon mode, and AppConfig's agent.

`make bench-deciders` prints the figures as JSON lines; docs/launchdarkly.md reads them. Everything is on this machine:
a stand-in for LaunchDarkly's stream, the local cloud's DynamoDB, and a stand-in for AppConfig's agent. On AWS, the way
to the service comes on top, and the TLS handshake.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.metadata import distribution
from pathlib import Path
from statistics import median
from typing import Any

from ldclient import Config, LDClient
from ldclient.feature_store import CacheConfig
from ldclient.integrations import DynamoDB
from ldclient.versioned_data_kind import FEATURES, SEGMENTS

from bench.figure import Figure, printed
from localcloud import LocalCloud
from tests.fakes.appconfig_agent import Agent, listening
from tests.fakes.launchdarkly_flags import flag
from tests.unit.routing_calls import item, router
from tidegate_route import Router, appconfig, launchdarkly, pseudonym
from tidegate_route.router import Decider

COMMAND = "make bench-deciders"
ROUNDS, STARTS, DECISIONS = 7, 10, 2_000
FLAGS = 100
"""Flags of the environment: one decides, and a client loads all of them."""
IMPORT = "from time import perf_counter as now; began = now(); import {module}; print(now() - began)"
TABLE, WAIT = "flags", 0.5
PACKAGES = ("launchdarkly-server-sdk", "launchdarkly-eventsource", "expiringdict", "pyrfc3339", "semver")


def main() -> int:
    return printed(figures())


def figures() -> Iterator[Figure]:
    alone = _decision(router({"orders": item(10)}))
    yield _figure("decision by the document, median", alone, "us", 50.0, f"{DECISIONS} users, the flag left out")
    yield _imported()
    with streaming() as uri:
        yield _started("stream", lambda: _client(stream_uri=uri), 500.0, f"{FLAGS} flags from this machine")
        yield _figure("decision by a flag in memory, median", _by(_client(stream_uri=uri)), "us", 500.0, "by stream")
    yield _unanswered()
    with LocalCloud() as cloud:
        yield from _daemon(cloud)
    yield _agent()


def _figure(name: str, value: float, unit: str, bar: float, note: str) -> Figure:
    return Figure(name, round(value, 2), unit, bar, note, command=COMMAND)


def _client(wait: float = 5, **options: Any) -> LDClient:
    return LDClient(Config("no-key", send_events=False, **options), start_wait=wait)


def _decision(made: Router) -> float:
    """Give the median time of a decision in microseconds, with the user's request around it."""
    made.qualifier("orders")
    times = []
    for number in range(DECISIONS):
        with made.serving(f"user-{number}"):
            began = time.perf_counter_ns()
            found = made.qualifier("orders", explain=True)
            times.append(time.perf_counter_ns() - began)
        if "failed" in found.why:
            raise RuntimeError(found.why)
    return median(times) / 1000


def _routed(decide: Decider) -> Router:
    return router({"orders": item(10)}, decide=decide)


def _by(client: LDClient) -> float:
    with closing(client):
        if not client.is_initialized():
            raise RuntimeError("the client has no flags")
        return _decision(_routed(launchdarkly.decider(client)))


def _imported() -> Figure:
    times = []
    for _ in range(ROUNDS):
        done = subprocess.run(  # noqa: S603 - a module of ours, or a pinned one
            [sys.executable, "-c", IMPORT.format(module="ldclient")], check=True, capture_output=True, text=True
        )
        times.append(1000 * float(done.stdout))
    size = sum(Path(str(file.locate())).stat().st_size for name in PACKAGES for file in distribution(name).files or ())
    note = (
        f"fastest of {ROUNDS} fresh interpreters; {len(PACKAGES)} packages of {size / 1e6:.1f} MB, certifi and urllib3"
    )
    return _figure("import of LaunchDarkly's SDK", min(times), "ms", 2000.0, note)


def _started(mode: str, make: Callable[[], LDClient], bar: float, note: str) -> Figure:
    """Start clients one after the other, each until it has flags."""
    times = []
    for _ in range(STARTS):
        began = time.perf_counter()
        with closing(make()) as client:
            times.append(1000 * (time.perf_counter() - began))
            if not client.is_initialized():
                raise RuntimeError(f"the client has no flags by {mode}")
    return _figure(f"start of LaunchDarkly's client by {mode}, median of {STARTS}", median(times), "ms", bar, note)


def _unanswered() -> Figure:
    began = time.perf_counter()
    with closing(_client(WAIT, stream_uri="http://127.0.0.1:9")):
        took = 1000 * (time.perf_counter() - began)
    note = f"start_wait={WAIT:g}; the default waits 5 s, in the init of a function or in its first call"
    return _figure(
        "start of LaunchDarkly's client while its stream does not answer", took, "ms", 1000 * WAIT + 200, note
    )


@contextmanager
def streaming() -> Iterator[str]:
    """Serve a stream that has all flags in its first event, and then nothing."""
    everything = {"flags": {name: flag(key=name) for name in _names()}, "segments": {}}
    event = f"event: put\ndata: {json.dumps({'path': '/', 'data': everything})}\n\n".encode()
    ended = threading.Event()

    class Stream(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(event), event))
            self.wfile.flush()
            ended.wait()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Stream)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    ended.set()
    server.shutdown()


def _names() -> list[str]:
    return ["orders-channel", *(f"flag-{number}" for number in range(FLAGS - 1))]


def _daemon(cloud: LocalCloud) -> Iterator[Figure]:
    """Read the flags from DynamoDB, in which the Relay Proxy keeps them; nothing connects to LaunchDarkly."""
    attributes = {"namespace": "HASH", "key": "RANGE"}
    cloud.client("dynamodb").create_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in attributes],
        KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in attributes.items()],
        BillingMode="PAY_PER_REQUEST",
    )
    access = {"endpoint_url": cloud.endpoint, "region_name": "us-east-1"}
    access |= {"aws_access_key_id": "test", "aws_secret_access_key": "test"}

    def client(caching: CacheConfig) -> LDClient:
        store = DynamoDB.new_feature_store(TABLE, dynamodb_opts=access, caching=caching)
        return _client(feature_store=store, use_ldd=True)

    relay = DynamoDB.new_feature_store(TABLE, dynamodb_opts=access)
    relay.init({FEATURES: {name: flag(key=name) for name in _names()}, SEGMENTS: {}})
    note = "boto3's client, no read yet; the local cloud's DynamoDB"
    yield _started("table", lambda: client(CacheConfig.default()), 1000.0, note)
    yield _first(client(CacheConfig.default()))
    kept = _by(client(CacheConfig.default()))
    yield _figure("decision by a flag of the table, cached for 15 s, median", kept, "us", 500.0, "the SDK's default")


def _first(client: LDClient) -> Figure:
    decide = launchdarkly.decider(client)
    with closing(client):
        began = time.perf_counter()
        decide("orders", pseudonym("user-1"))
        took = 1000 * (time.perf_counter() - began)
    return _figure("first decision by a flag of the table", took, "ms", 500.0, "reads of the local cloud's DynamoDB")


def _agent() -> Figure:
    with listening(Agent()) as port:
        os.environ["AWS_APPCONFIG_EXTENSION_HTTP_PORT"] = str(port)
        took = _decision(_routed(appconfig.decider("shop", "production", "channels", timeout=5)))
    note = "a stand-in for the agent, in Python; each decision is a call on the loopback interface"
    return _figure("decision by AppConfig's agent, median", took, "us", 20_000.0, note)


if __name__ == "__main__":
    sys.exit(main())
