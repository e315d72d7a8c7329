"""What template.yaml tells a function through its environment."""

import os
from dataclasses import dataclass
from functools import cache

from tidegate.domain.errors import NotConfigured


@dataclass(frozen=True)
class Settings:
    ledger: str
    function_pattern: str
    own_prefix: str
    default_strategy: str
    default_alias: str
    retention_days: int
    code_bucket_pattern: str
    image_repository_pattern: str
    allow_configuration: bool
    pass_role_pattern: str

    @classmethod
    def from_environment(cls) -> "Settings":
        """Read the settings.

        Raises
        ------
        NotConfigured
            When a variable is missing: the function was not deployed by template.yaml.
        """
        try:
            return cls(
                ledger=os.environ["LEDGER_TABLE"],
                function_pattern=os.environ["FUNCTION_PATTERN"],
                own_prefix=os.environ["OWN_PREFIX"],
                default_strategy=os.environ["DEFAULT_STRATEGY"],
                default_alias=os.environ["DEFAULT_ALIAS"],
                retention_days=int(os.environ["LEDGER_RETENTION_DAYS"]),
                code_bucket_pattern=os.environ["CODE_BUCKET_PATTERN"],
                image_repository_pattern=os.environ["IMAGE_REPOSITORY_PATTERN"],
                allow_configuration=os.environ["ALLOW_CONFIGURATION"] == "true",
                pass_role_pattern=os.environ["PASS_ROLE_PATTERN"],
            )
        except KeyError as missing:
            raise NotConfigured(
                f"The environment variable {missing.args[0]} is not set; deploy template.yaml."
            ) from None


@cache
def settings() -> Settings:
    return Settings.from_environment()
