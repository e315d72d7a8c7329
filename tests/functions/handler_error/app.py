"""Fails every invocation."""


def handler(event, context):
    raise ValueError("the handler fails")
