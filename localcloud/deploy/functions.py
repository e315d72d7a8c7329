"""Functions from folders of code, as a person at the AWS CLI would make them."""

import io
import json
import stat
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from localcloud.clock import current

ROLE = "local-permissive"
SETTLING_SECONDS = 30
LOOKS_AGAIN_SECONDS = 1.0


class FunctionMaker:
    """Creates and updates functions through the API, each call waited for."""

    def __init__(self, client: Callable[[str], Any]) -> None:
        self._client = client
        self._making_role = Lock()
        self._role = ""

    def create(
        self,
        name: str,
        folder: Path,
        *,
        runtime: str = "python3.13",
        handler: str = "app.handler",
        timeout: int = 3,
        memory: int = 128,
        environment: Mapping[str, str] | None = None,
        alias: str | None = None,
        settings: Mapping[str, Any] | None = None,
    ) -> None:
        """Create a function with a role that may do everything; `settings` are further ones, such as TenancyConfig.

        With `alias`, also publish version 1 and point the alias there.
        """
        client = self._client("lambda")
        client.create_function(
            FunctionName=name,
            Runtime=runtime,
            Handler=handler,
            Role=self._permissive_role(),
            Code={"ZipFile": zipped(folder)},
            Timeout=timeout,
            MemorySize=memory,
            Environment={"Variables": dict(environment or {})},
            **(settings or {}),
        )
        self._wait_for(name, "State", "Active")
        if alias:
            version = client.publish_version(FunctionName=name)["Version"]
            client.create_alias(FunctionName=name, Name=alias, FunctionVersion=version)

    def update_code(self, name: str, folder: Path) -> None:
        """Return `$LATEST` other code and wait until the update has settled."""
        self._client("lambda").update_function_code(FunctionName=name, ZipFile=zipped(folder))
        self._wait_for(name, "LastUpdateStatus", "Successful")

    def _wait_for(self, name: str, field: str, wanted: str) -> None:
        deadline = current().monotonic() + SETTLING_SECONDS
        current().sleep(LOOKS_AGAIN_SECONDS)  # it takes as long
        while (seen := self._configuration(name).get(field)) != wanted:
            if current().monotonic() > deadline or seen == "Failed":
                raise RuntimeError(f"{name}: {field} is {seen}, not {wanted}")
            current().sleep(LOOKS_AGAIN_SECONDS)

    def _configuration(self, name: str) -> Any:
        """Ask with GetFunction: it has a rate limit of its own."""
        return self._client("lambda").get_function(FunctionName=name)["Configuration"]

    def _permissive_role(self) -> str:
        with self._making_role:
            self._role = self._role or self._found_role()
            return self._role

    def _found_role(self) -> str:
        iam = self._client("iam")
        try:
            return str(iam.get_role(RoleName=ROLE)["Role"]["Arn"])
        except iam.exceptions.NoSuchEntityException:
            return _create_permissive_role(iam)


def _create_permissive_role(iam: Any) -> str:
    service = {"Service": "lambda.amazonaws.com"}
    trust = {"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    role = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=_policy(trust))
    iam.put_role_policy(RoleName=ROLE, PolicyName="everything", PolicyDocument=_policy(everything))
    return str(role["Role"]["Arn"])


def _policy(statement: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def zipped(folder: Path) -> bytes:
    """Return the folder as a deployment package: the same bytes for the same files, whenever it is called."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                entry = zipfile.ZipInfo(str(path.relative_to(folder)))
                entry.external_attr = (0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644) << 16
                archive.writestr(entry, path.read_bytes())
    return packed.getvalue()
