"""The recipes of docs/clients: how a web or mobile client finds its channel. The edge decides as the library does."""

import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import boto3
import pytest

from tests.reading import ROOT
from tests.unit.routing_calls import CALLED, Cloud, item, keys, router, written
from tidegate_route import Document, Router, pseudonym

RECIPES = ROOT / "docs/clients"
PAGE = (ROOT / "docs/clients.md").read_text()
VECTORS: list[dict[str, Any]] = json.loads((ROOT / "routing/vectors.json").read_text())["vectors"]
COOKIE = "__Host-tidegate"


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Load the endpoint as Lambda does; its documents are the test's."""
    monkeypatch.setenv("FUNCTIONS", "orders,billing")
    monkeypatch.setenv("TIDEGATE_TABLE", "ledger")
    monkeypatch.setattr(boto3, "client", lambda service, config: Cloud().client(service))
    spec = importlib.util.spec_from_file_location("channel", RECIPES / "channel.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert isinstance(module.router, Router)
    vars(module)["router"] = router({"orders": item(50, salt="a"), "billing": item(0, always=keys("ana"))}, timeout=5)
    return module


def asked(endpoint: ModuleType, user: str = "", cookies: tuple[str, ...] = ()) -> tuple[dict[str, Any], str, Any]:
    """Give the answer's content, the cookie's value, and the whole answer."""
    claims = {"jwt": {"claims": {"sub": user}}} if user else {}
    answer = endpoint.handler({"requestContext": {"authorizer": claims}, "cookies": list(cookies)}, None)
    (cookie,) = answer["cookies"]
    value, *flags = cookie.removeprefix(f"{COOKIE}=").split("; ")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(flags)
    return json.loads(answer["body"]), value, answer


def test_who_signed_in_has_the_channels_of_the_user_on_every_device(endpoint: ModuleType) -> None:
    content, cookie, answer = asked(endpoint, "ana", (f"{COOKIE}=0123456789abcdef",))
    assert (content["user"], cookie) == (pseudonym("ana"), pseudonym("ana"))
    expected = Document.parse(item(50, salt="a")).place(pseudonym("ana"))[0]
    assert content["channels"] == {"orders": expected, "billing": "canary"}
    assert "billing=canary; in always" in answer["headers"]["tidegate-channel"]


def test_a_device_that_nobody_signed_in_on_keeps_its_channel(endpoint: ModuleType) -> None:
    first, cookie, _ = asked(endpoint)
    assert re.fullmatch("[0-9a-f]{16}", cookie)
    again, same, _ = asked(endpoint, cookies=("other=1", f"{COOKIE}={cookie}"))
    assert (again, same) == (first, cookie)
    _, another, _ = asked(endpoint)
    assert another != cookie


@pytest.mark.parametrize("cookie", ["", "7", "0123456789ABCDEF", "0123456789abcdef0", "x;orders=canary"])
def test_a_cookie_that_is_no_pseudonym_is_replaced(endpoint: ModuleType, cookie: str) -> None:
    _, value, _ = asked(endpoint, cookies=(f"{COOKIE}={cookie}",))
    assert re.fullmatch("[0-9a-f]{16}", value)
    assert value != cookie


def test_without_documents_the_endpoint_answers_stable(endpoint: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    vars(endpoint)["router"] = router({}, timeout=5)
    content, _, _ = asked(endpoint, "ana")
    assert content["channels"] == {"orders": "stable", "billing": "stable"}


IN_NODE = """
import { readFileSync } from "node:fs";
import cf from "cloudfront";
import { handler } from "./edge.mjs";
const answers = [];
for (const { document, event } of JSON.parse(readFileSync(0, "utf8"))) {
  cf.begin(document);
  const request = await handler(event);
  answers.push({ headers: request.headers, origin: cf.origin });
}
console.log(JSON.stringify(answers));
"""
CLOUDFRONT = """
const cf = {
  begin(document) { cf.document = document; cf.origin = null; },
  kvs() { return { async get(name, { format }) {
    if (name !== "orders" || format !== "json" || cf.document === null) throw new Error("KeyNotFound");
    return cf.document;
  } }; },
  selectRequestOriginById(id) { cf.origin = id; },
};
export default cf;
"""


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Put the function beside a module `cloudfront`; CloudFront calls it by its name, so it exports nothing."""
    if shutil.which("node") is None:
        pytest.skip("Node.js is not installed")
    folder = tmp_path_factory.mktemp("edge")
    module = folder / "node_modules/cloudfront"
    module.mkdir(parents=True)
    (module / "package.json").write_text('{"type": "module", "main": "index.js"}')
    (module / "index.js").write_text(CLOUDFRONT)
    (folder / "edge.mjs").write_text((RECIPES / "edge.js").read_text() + "\nexport { handler };\n")
    (folder / "run.mjs").write_text(IN_NODE)
    return folder


def event(key: str | None, **headers: str) -> dict[str, Any]:
    made = json.loads((RECIPES / "event.json").read_text())
    made["request"]["cookies"] = {} if key is None else {COOKIE: {"value": key}}
    made["request"]["headers"] |= {name: {"value": value} for name, value in headers.items()}
    return dict(made)


def at_the_edge(node: Path, *cases: tuple[Any, dict[str, Any]]) -> list[tuple[str | None, str | None]]:
    """Give the baggage of each request, and the origin that was chosen instead of that of stable."""
    given = json.dumps([{"document": document, "event": each} for document, each in cases])
    done = subprocess.run(["node", "run.mjs"], cwd=node, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout.splitlines()[-1])
    assert all("tidegate-override" not in each["headers"] for each in answers)
    return [(each["headers"].get("baggage", {}).get("value"), each["origin"]) for each in answers]


def stored(percent: float, **changed: Any) -> dict[str, Any]:
    """Give a document as `tidegate route show --json` prints it for the store."""
    return {"type": "route", "always": [], "never": [], **item(percent, **changed)}


def test_the_edge_finds_the_published_positions(node: Path) -> None:
    at = [(salt, place, each["pseudonym"]) for each in VECTORS for salt, place in each["positions"].items()]
    inside = at_the_edge(node, *((stored((place + 1) / 100, salt=salt), event(key)) for salt, place, key in at))
    outside = at_the_edge(node, *((stored(place / 100, salt=salt), event(key)) for salt, place, key in at))
    assert {origin for _, origin in inside} == {"canary"}
    assert {origin for _, origin in outside} == {None}


def test_the_edge_hands_on_what_the_library_would_decide_and_hand_on(node: Path) -> None:
    documents = [stored(percent, salt=salt) for percent in (0, 0.25, 7, 50, 100) for salt in ("a", "ü")]
    documents.append(stored(0, always=keys("user-1"), never=keys("user-1", "user-2")))
    documents.append(stored(100, always=keys("user-1"), never=keys("user-1", "user-2")))
    cases = [(document, user) for document in documents for user in ("user-1", "user-2", "user-3")]
    found = at_the_edge(node, *((document, event(pseudonym(user))) for document, user in cases))
    for (document, user), (baggage, origin) in zip(cases, found, strict=True):
        made = router({"orders": document}, timeout=5)
        with made.serving(user):
            expected = made.headers("orders")["baggage"]
        assert re.sub(r"chance=(\d+)@", r"chance=\1.0@", baggage or "") == expected
        assert origin == ("canary" if "orders=canary" in expected else None)


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        stored(100, schema=2),
        stored(101),
        {**stored(100), "percent": "100"},
        stored(100, salt=7),
        stored(100, always="ana"),
        stored(100, never=None),
    ],
    ids=str,
)
def test_what_the_edge_does_not_understand_means_stable_and_the_user_goes_along(node: Path, document: Any) -> None:
    assert at_the_edge(node, (document, event(pseudonym("ana")))) == [(f"tidegate={pseudonym('ana')}", None)]


@pytest.mark.parametrize("cookie", [None, "", "ana", "0123456789abcdef;orders=canary"])
def test_without_a_pseudonym_stable_serves_and_nothing_that_the_client_claims_goes_on(
    node: Path, cookie: str | None
) -> None:
    claimed = {"baggage": "tidegate=0123456789abcdef;orders=canary", "tidegate-override": "orders=canary"}
    assert at_the_edge(node, (stored(100), event(cookie, **claimed))) == [(None, None)]


def test_the_function_behind_the_edge_counts_what_the_edge_decided(
    node: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = stored(100)
    ((baggage, _),) = at_the_edge(node, (document, event(pseudonym("ana"))))
    made = router({"orders": document}, timeout=5)

    @made.handler(key=lambda event, context: None, trust_header=True)
    def handler(event: Any, context: Any) -> None:
        raise RuntimeError("a bad version")

    with pytest.raises(RuntimeError):
        handler({"headers": {"Baggage": baggage}}, SimpleNamespace(invoked_function_arn=CALLED, client_context=None))
    (line,) = written(capsys)
    assert (line["user"], line["channel"], line["percent"]) == (pseudonym("ana"), "canary", 100.0)


def test_the_page_says_what_the_check_on_aws_must_answer(node: Path) -> None:
    (document, expected) = re.findall(r"<!-- the check -->\n```json\n(.*?)```", PAGE, re.DOTALL)
    given = json.loads((RECIPES / "event.json").read_text())
    ((baggage, origin),) = at_the_edge(node, (json.loads(document), given))
    assert (baggage, origin) == (json.loads(expected)["baggage"]["value"], "canary")
    vector = next(each for each in VECTORS if each["pseudonym"] == given["request"]["cookies"][COOKIE]["value"])
    assert json.loads(document)["percent"] == (vector["positions"][json.loads(document)["salt"]] + 1) / 100


def test_the_document_fits_into_the_store_with_thirty_testers() -> None:
    """A value of CloudFront's key value store has at most 1 KB."""
    many = stored(12.5, salt="orders-live-2026-12-01-abc", release="orders-live-2026-12-01-abc")
    many |= {"function": "orders", "alias": "live", "always": keys(*map(str, range(30)))}
    assert len(json.dumps(many)) <= 1024
