"""Events that services of AWS send about calls: ECR's of images, and CloudTrail's of updated functions."""

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from localcloud.api.call import ApiCall
from localcloud.clock import current
from localcloud.events.envelope import envelope

UPDATES = {
    "UpdateFunctionCode": "UpdateFunctionCode20150331v2",
    "UpdateFunctionConfiguration": "UpdateFunctionConfiguration20150331v2",
}
"""CloudTrail's names for Lambda's calls (Lambda guide, "Logging Lambda API calls")."""

NEVER_SHOWN = {"ZipFile", "Environment"}
"""Parameters that CloudTrail leaves out."""


def event_of(call: ApiCall, status: int, body: str) -> dict[str, Any] | None:
    """Give what is told of a call that was answered so; None for most."""
    make = _MADE.get((call.service, call.action))
    return make(call, status, _read(body)) if make else None


def _updated(call: ApiCall, status: int, answer: Mapping[str, Any]) -> dict[str, Any]:
    """CloudTrail guide, "CloudTrail record contents"."""
    detail = {
        "eventVersion": "1.11",
        "userIdentity": _identity(call),
        "eventTime": datetime.fromtimestamp(current().time(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": "lambda.amazonaws.com",
        "eventName": UPDATES[call.action],
        "awsRegion": call.region,
        "requestParameters": {_spelt(key): value for key, value in _shown(call.parameters).items()},
        "eventID": str(uuid.uuid4()),
        "readOnly": False,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": call.account,
        "eventCategory": "Management",
    }
    if status >= 400:
        detail |= {"errorCode": answer.get("__type", "ServiceException"), "responseElements": None}
        detail["errorMessage"] = answer.get("message", answer.get("Message", ""))
    else:
        detail["responseElements"] = {_spelt(key): value for key, value in _shown(answer).items()}
    return _event(call, "aws.lambda", "AWS API Call via CloudTrail", detail)


def _pushed(call: ApiCall, status: int, answer: Mapping[str, Any]) -> dict[str, Any] | None:
    """ECR guide, "Sample events from Amazon ECR"; media types: EventBridge schema aws.ecr@ECRImageAction."""
    if status >= 400:
        return None
    found = answer["image"]["imageId"]
    detail = {
        "result": "SUCCESS",
        "repository-name": call.parameters["repositoryName"],
        "image-digest": found["imageDigest"],
        "action-type": "PUSH",
        "image-tag": found.get("imageTag", ""),
        "manifest-media-type": answer["image"].get("imageManifestMediaType", ""),
    }
    if artifact := _artifact_type(answer["image"].get("imageManifest", "")):
        detail["artifact-media-type"] = artifact
    return _event(call, "aws.ecr", "ECR Image Action", detail)


def _artifact_type(manifest: str) -> str:
    """Take an artifact's type, or that of an image's configuration (OCI image specification, "Image Manifest")."""
    found = _read(manifest)
    return str(found.get("artifactType") or (found.get("config") or {}).get("mediaType") or "")


def _event(call: ApiCall, source: str, kind: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    return envelope(source, kind, detail, account=call.account, region=call.region, resources=[])


def _identity(call: ApiCall) -> dict[str, Any]:
    """CloudTrail guide, "CloudTrail userIdentity element"."""
    caller = call.caller
    if caller.is_administrator:
        return {"type": "Root", "arn": caller.arn, "accountId": call.account, "accessKeyId": call.access_key}
    issuer = {"type": "Role", "arn": caller.role_arn, "accountId": call.account, "userName": caller.role_name}
    return {
        "type": "AssumedRole",
        "arn": caller.arn,
        "accountId": call.account,
        "accessKeyId": call.access_key,
        "sessionContext": {"sessionIssuer": issuer},
    }


def _shown(values: Mapping[str, Any]) -> dict[str, Any]:
    shown = {key: value for key, value in values.items() if key not in NEVER_SHOWN}
    return dict(json.loads(json.dumps(shown, default=str)))


def _spelt(name: str) -> str:
    return name[:1].lower() + name[1:]


def _read(body: Any) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


_MADE: dict[tuple[str, str], Callable[[ApiCall, int, Mapping[str, Any]], dict[str, Any] | None]] = {
    **{("lambda", name): _updated for name in UPDATES},
    ("ecr", "PutImage"): _pushed,
}
