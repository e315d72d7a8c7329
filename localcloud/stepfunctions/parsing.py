"""Parsing a definition once: moto does it anew for each execution, which takes 0.15 s of CPU for a real one."""

from functools import lru_cache
from typing import Any

from moto.stepfunctions.parser.asl.parse.asl_parser import AmazonStateLanguageParser
from moto.stepfunctions.parser.asl.parse.preprocessor import Preprocessor


def install() -> None:
    original = AmazonStateLanguageParser.parse

    @lru_cache(maxsize=32)
    def tree_of(definition: str) -> Any:
        return original(definition)[1]

    def parse(definition: str) -> tuple[Any, Any]:
        """Give a program of its own to each execution, made from the one tree."""
        tree = tree_of(definition)
        return Preprocessor().visit(tree), tree

    AmazonStateLanguageParser.parse = staticmethod(parse)
