"""The request: parsed, validated as far as possible without AWS, with defaults."""
