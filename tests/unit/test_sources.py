"""Plan finds what a request names and is not there, and never looks at what is in it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.builders import a_request
from tests.failing import refused
from tidegate.aws import images, sources
from tidegate.domain.request.models import TargetRequest

ZIP = {"s3_bucket": "builds", "s3_key": "cart.zip"}
DIGEST = "sha256:" + "4f" * 32
IMAGE = {"image_uri": f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/cart@{DIGEST}"}
MANIFEST = "application/vnd.oci.image.manifest.v1+json"


class Account:
    """Answers every call of a name with the same, or raises it; calls are noted."""

    def __init__(self, **answers: Any) -> None:
        self.answers = answers
        self.called: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        def call(**parameters: Any) -> Any:
            self.called.append((name, parameters))
            answer = self.answers[name]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return call


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Any:
    def problems(account: Account, **fields: Any) -> list[str]:
        for name in ("storage_client", "parameters_client", "secrets_client"):
            monkeypatch.setattr(sources, name, lambda: account)
        monkeypatch.setattr(images, "images_client", lambda: account)
        targets = fields.pop("targets", None) or a_request(**fields).targets
        return sources.absent(targets, short=True)

    return problems


def listed(*versions: tuple[str, str, bool], cut: bool = False) -> dict[str, Any]:
    shown = [{"Key": key, "VersionId": version, "IsLatest": latest} for key, version, latest in versions]
    return {"IsTruncated": cut, **({"Versions": shown} if shown else {})}


VERSION = {**ZIP, "s3_object_version": "v1"}
LEVEL = {"environment": {"LEVEL": {"ssm": "/shop/level"}}}
LOGIN = {"environment": {"LOGIN": {"secret": "shop/login", "key": "word"}}}
THERE: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"code": ZIP}, {"list_object_versions": listed(("cart.zip", "null", True))}),
    ({"code": VERSION}, {"list_object_versions": listed(("cart.zip", "v2", True), ("cart.zip", "v1", False))}),
    ({"code": VERSION}, {"list_object_versions": listed(("cart.zip", "v2", True), cut=True)}),
    ({"code": IMAGE}, {"describe_images": {"imageDetails": [{"imageDigest": DIGEST}]}}),
    ({"configuration": LEVEL}, {"get_parameter": {"Parameter": {"Value": "never shown"}}}),
    ({"configuration": LOGIN}, {"describe_secret": {"Name": "shop/login"}}),
    ({"configuration": {"memory_size": 512}}, {}),
]
INDEX = {"imageDigest": DIGEST, "imageManifestMediaType": "application/vnd.oci.image.index.v1+json"}
SIGNATURE = {"imageDigest": DIGEST, "imageManifestMediaType": MANIFEST, "imageTags": [f"sha256-{'0a' * 32}.sig"]}
ABSENT: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"code": ZIP}, {"list_object_versions": listed()}, "code.s3_key: there is no object s3://builds/cart.zip"),
    (
        {"code": ZIP},
        {"list_object_versions": listed(("cart.zip.sig", "null", True))},
        "code.s3_key: there is no object s3://builds/cart.zip",
    ),
    ({"code": ZIP}, {"list_object_versions": refused("NoSuchBucket", 404)}, "code.s3_key: there is no bucket builds"),
    (
        {"code": VERSION},
        {"list_object_versions": listed(("cart.zip", "v2", True), ("cart.zip.sig", "v1", True))},
        "code.s3_object_version: s3://builds/cart.zip has no version v1",
    ),
    (
        {"code": IMAGE},
        {"describe_images": refused("ImageNotFoundException", 400)},
        f"code.image_uri: there is no image {DIGEST} in the repository shop/cart",
    ),
    ({"code": IMAGE}, {"describe_images": {"imageDetails": [INDEX]}}, "code.image_uri: is an image index"),
    ({"code": IMAGE}, {"describe_images": {"imageDetails": [SIGNATURE]}}, "code.image_uri: is not an image"),
    (
        {"configuration": LEVEL},
        {"get_parameter": refused("ParameterNotFound", 400)},
        "configuration.environment.LEVEL.ssm: there is no parameter /shop/level",
    ),
    (
        {"configuration": LOGIN},
        {"describe_secret": refused("ResourceNotFoundException", 400)},
        "configuration.environment.LOGIN.secret: there is no secret shop/login",
    ),
    (
        {"configuration": LOGIN},
        {"describe_secret": {"DeletedDate": datetime.now(UTC)}},
        "configuration.environment.LOGIN.secret: the secret shop/login is being deleted",
    ),
]


@pytest.mark.parametrize(("fields", "answers"), THERE)
def test_what_is_there_is_no_problem(fields: dict[str, Any], answers: dict[str, Any], found: Any) -> None:
    account = Account(**answers)
    assert found(account, **fields) == []
    assert [name for name, _ in account.called] == list(answers)


@pytest.mark.parametrize(("fields", "answers", "said"), ABSENT, ids=[said for *_, said in ABSENT])
def test_what_is_not_there_is_named_by_its_field(
    fields: dict[str, Any], answers: dict[str, Any], said: str, found: Any
) -> None:
    (problem,) = found(Account(**answers), **fields)
    assert problem.startswith(said)
    assert "; example: " in problem


def test_what_is_in_a_key_stays_data(found: Any) -> None:
    key = "\x1b]52;c;YQ==\x07\n##[error]" + "x" * 900
    (problem,) = found(Account(list_object_versions=listed()), code={"s3_bucket": "builds", "s3_key": key})
    assert problem.isprintable()
    assert len(problem) < 700


@pytest.mark.parametrize("code", ["AccessDenied", "AccessDeniedException", "KMSAccessDeniedException"])
def test_what_plan_may_not_see_is_left_to_update(code: str, found: Any) -> None:
    denied = refused(code, 403)
    answers = dict.fromkeys(("list_object_versions", "describe_images", "get_parameter", "describe_secret"), denied)
    environment = {**LEVEL["environment"], **LOGIN["environment"]}
    for code_named in (ZIP, VERSION, IMAGE):
        assert found(Account(**answers), code=code_named, configuration={"environment": environment}) == []


def test_values_are_neither_decrypted_nor_asked_for(found: Any) -> None:
    account = Account(get_parameter={}, describe_secret={})
    found(account, configuration={"environment": {**LEVEL["environment"], **LOGIN["environment"]}})
    assert sorted(account.called) == [
        ("describe_secret", {"SecretId": "shop/login"}),
        ("get_parameter", {"Name": "/shop/level"}),
    ]


def test_one_thing_is_looked_for_once_and_named_at_each_place(monkeypatch: pytest.MonkeyPatch) -> None:
    account = Account(get_parameter=refused("ParameterNotFound", 400))
    monkeypatch.setattr(sources, "parameters_client", lambda: account)
    (target,) = a_request(configuration=LEVEL).targets
    targets: list[TargetRequest] = [target, target]
    places = [problem.partition(":")[0] for problem in sources.absent(targets, short=False)]
    assert places == [f"targets[{n}].configuration.environment.LEVEL.ssm" for n in (0, 1)]
    assert len(account.called) == 1
