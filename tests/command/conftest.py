"""The cloud with Tidegate of the workflow tests, and the command as people call it."""

from tests.workflow.conftest import cloud, world

__all__ = ["cloud", "world"]
