"""Tidegate releases AWS Lambda functions safely."""

import gc

# A cold start makes objects that stay: looking for garbage among them would take a tenth of it, and find none.
gc.set_threshold(50_000)
