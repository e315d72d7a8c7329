"""Execution environments: real processes that run the real Python runtime."""
