"""Metrics as Lambda publishes them: by minute, late, and none without traffic."""
