"""moto's API Gateway, whose validator of OpenAPI is imported when there is a document to validate."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from localcloud import LocalCloud

INFO = {"title": "shop", "version": "1", "description": "A shop."}
SOUND: dict[str, Any] = {"openapi": "3.0.0", "info": INFO, "paths": {}}


def test_a_sound_document_becomes_an_api(cloud: LocalCloud) -> None:
    body = json.dumps(SOUND).encode()
    assert cloud.client("apigateway").import_rest_api(failOnWarnings=True, body=body)["name"] == "shop"


def test_a_document_that_is_not_valid_is_refused_with_what_is_wrong(cloud: LocalCloud) -> None:
    body = json.dumps({**SOUND, "info": {"title": "shop", "description": "A shop."}}).encode()
    with pytest.raises(ClientError, match="'version' is a required property"):
        cloud.client("apigateway").import_rest_api(failOnWarnings=True, body=body)
