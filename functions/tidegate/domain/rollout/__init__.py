"""The next move of a release, from its verdicts and decisions."""
