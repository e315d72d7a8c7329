"""Another Region, or another account, of the same cloud."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from localcloud import cloudwatch, deploy, iam, lambda_


class Place:
    """One account in one Region; `client(service, region)` acts as that account's administrator."""

    def __init__(self, client: Callable[[str, str], Any], account: str, region: str) -> None:
        iam.open_account(account)
        self._client = client
        self.account = account
        self.region = region
        self.metrics = cloudwatch.metrics.at(account, region)
        self._functions = deploy.FunctionMaker(self.client)

    def client(self, service: str) -> Any:
        """Return a boto3 client that acts as the account's administrator and never retries."""
        return self._client(service, self.region)

    def create_function(self, name: str, folder: Path, **options: Any) -> None:
        """Create a function from a folder of code: see FunctionMaker.create. Limits do not count."""
        with lambda_.throttle.off():
            self._functions.create(name, folder, **options)

    def update_code(self, name: str, folder: Path) -> None:
        """Return `$LATEST` other code and wait until the update has settled. Limits do not count."""
        with lambda_.throttle.off():
            self._functions.update_code(name, folder)

    def deploy(
        self, template: Path, parameters: Mapping[str, str] | None = None, stack_name: str = "tidegate"
    ) -> deploy.Deployment:
        """Deploy a SAM template with code and definition from beside it; raises TemplateError."""
        return deploy.deploy(self.client, template, parameters or {}, stack_name, self.region)
