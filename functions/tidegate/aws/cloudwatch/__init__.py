"""Metrics, alarms and logs: reading the data of both versions."""
