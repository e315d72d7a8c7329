"""What a release does next, from its verdicts and from what people said."""
