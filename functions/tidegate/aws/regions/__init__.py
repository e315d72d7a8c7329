"""Releases in other Regions and accounts: reaching them, opening such a release, and following it."""
