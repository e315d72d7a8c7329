"""The preflight in a large account: `make bench-preflight`."""
