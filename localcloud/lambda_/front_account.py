"""The answer to GetAccountSettings, which moto lacks: limits and usage of the account (Lambda quotas)."""

import json
from typing import Any, Protocol

from localcloud.lambda_.backend import Backend

CODE_BYTES = 300 * 1024**3
CONCURRENCY = 1000
PACKAGE_BYTES, UNZIPPED_BYTES = 50 * 1024**2, 250 * 1024**2


class Holding(Protocol):
    backend: Backend


class AccountAnswers:
    def get_account_settings(self: Holding) -> str:
        functions = list(self.backend.functions.by_name.values())
        versions = [each for function in functions for each in (function.latest, *function.versions.values())]
        reserved = sum(function.reserved or 0 for function in functions)
        shown: dict[str, Any] = {
            "AccountLimit": {
                "TotalCodeSize": CODE_BYTES,
                "CodeSizeUnzipped": UNZIPPED_BYTES,
                "CodeSizeZipped": PACKAGE_BYTES,
                "ConcurrentExecutions": CONCURRENCY,
                "UnreservedConcurrentExecutions": CONCURRENCY - reserved,
            },
            "AccountUsage": {
                "TotalCodeSize": sum(each.definition.code.size for each in versions),
                "FunctionCount": len(functions),
            },
        }
        return json.dumps(shown)
