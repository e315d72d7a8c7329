"""S3: the action depends on the version, and listing is a right on the bucket."""

from collections.abc import Iterator

from localcloud.api.call import ApiCall
from localcloud.iam.authorise import Demand
from localcloud.iam.demands.table import Find, Table, same, text


def _bucket(call: ApiCall) -> str:
    return f"arn:aws:s3:::{text(call, 'Bucket')}"


def _object(call: ApiCall, key: str = "") -> str:
    return f"{_bucket(call)}/{key or text(call, 'Key')}"


def _on_bucket(name: str) -> Find:
    return lambda call: [Demand(f"s3:{name}", _bucket(call), {"s3:prefix": text(call, "Prefix") or None})]


def _on_object(name: str) -> Find:
    def find(call: ApiCall) -> list[Demand]:
        version = "Version" if call.parameters.get("VersionId") else ""
        return [Demand(f"s3:{name}{version}", _object(call))]

    return find


def _copy(call: ApiCall) -> Iterator[Demand]:
    source = text(call, "CopySource").lstrip("/")
    path, _, version = source.partition("?versionId=")
    yield Demand("s3:GetObjectVersion" if version else "s3:GetObject", f"arn:aws:s3:::{path}")
    yield Demand("s3:PutObject", _object(call))


def _delete_many(call: ApiCall) -> Iterator[Demand]:
    for one in (call.parameters.get("Delete") or {}).get("Objects") or []:
        name = "s3:DeleteObjectVersion" if one.get("VersionId") else "s3:DeleteObject"
        yield Demand(name, _object(call, one["Key"]))


DEMANDS: Table = {
    **same(_on_object("GetObject"), "GetObject", "HeadObject"),
    **same(_on_object("PutObject"), "PutObject", "CreateMultipartUpload", "UploadPart", "CompleteMultipartUpload"),
    "AbortMultipartUpload": _on_object("AbortMultipartUpload"),
    "DeleteObject": _on_object("DeleteObject"),
    "GetObjectTagging": _on_object("GetObjectTagging"),
    "PutObjectTagging": _on_object("PutObjectTagging"),
    "GetObjectAttributes": _on_object("GetObjectAttributes"),
    "CopyObject": _copy,
    "DeleteObjects": _delete_many,
    **same(_on_bucket("ListBucket"), "HeadBucket", "ListObjects", "ListObjectsV2"),
    "ListObjectVersions": _on_bucket("ListBucketVersions"),
    "GetBucketLocation": _on_bucket("GetBucketLocation"),
    "GetBucketNotificationConfiguration": _on_bucket("GetBucketNotification"),
    "GetBucketVersioning": _on_bucket("GetBucketVersioning"),
    "GetBucketTagging": _on_bucket("GetBucketTagging"),
    "PutBucketTagging": _on_bucket("PutBucketTagging"),
    "CreateBucket": _on_bucket("CreateBucket"),
    "DeleteBucket": _on_bucket("DeleteBucket"),
    "ListBuckets": lambda _call: [Demand("s3:ListAllMyBuckets")],
}
