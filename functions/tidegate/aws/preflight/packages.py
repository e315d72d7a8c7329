"""Facts about the package and the layers of what is released: declared compatibility, and binaries."""

from typing import Any

from tidegate.aws.preflight.aim import Aim
from tidegate.aws.preflight.archives import binaries
from tidegate.aws.preflight.pace import client
from tidegate.domain.foreign_text import short_line, undotted

LONGEST = 200


def layers(aim: Aim, _now: int) -> list[dict[str, Any]]:
    """Read each layer; one of another account may not be readable, which costs nothing else (`unread` says why)."""
    return [_layer(arn) for arn in aim.layers]


def _layer(arn: str) -> dict[str, Any]:
    layer, _, number = arn.rpartition(":")
    read: dict[str, Any] = {"architectures": [], "runtimes": [], "binaries": {}, "unread": ""}
    try:
        found = client("lambda").get_layer_version(LayerName=layer, VersionNumber=int(number))
        read["architectures"] = list(found.get("CompatibleArchitectures", ()))
        read["runtimes"] = list(found.get("CompatibleRuntimes", ()))
        read["binaries"] = binaries(found["Content"]["Location"])
    except Exception as error:  # whatever is wrong with an archive of others, only this layer is not read
        read["unread"] = undotted(short_line(str(error) or repr(error), LONGEST))
    return {"name": ":".join(arn.split(":")[6:]), **read}


def package(aim: Aim, _now: int) -> dict[str, str] | None:
    """Return the binaries in the code to release; None for images, and for code that the request brings."""
    if aim.changes_code:
        return None
    qualifier = {"Qualifier": aim.version} if aim.version else {}
    found = client("lambda").get_function(FunctionName=aim.function, **qualifier)
    if found["Configuration"].get("PackageType", "Zip") != "Zip":
        return None
    return binaries(found["Code"]["Location"])
