"""A thousand events through the real rules, retries and queues of the local cloud, and what became of each."""
