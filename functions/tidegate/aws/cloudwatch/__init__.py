"""Metrics, alarms and logs: reading what both versions do."""
