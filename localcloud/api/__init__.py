"""What front, iam and faults have in common: an API call as its caller meant it, and a refusal as an SDK reads it."""
