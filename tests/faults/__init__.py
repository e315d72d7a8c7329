"""Hundreds of random releases with faults, on the local cloud: whatever happens, every alias ends whole.

`python -m tests.faults --help` says how to run them; `make faults` runs them all.
"""
