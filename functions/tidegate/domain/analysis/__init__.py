"""The data of both versions of a target by minute, and the verdict on the new version."""
