"""Three views of one stream: lines, the same lines above a panel, and JSON lines."""

from tidegate_cli.views.view import View, view_for

__all__ = ["View", "view_for"]
