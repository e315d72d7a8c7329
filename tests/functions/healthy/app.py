"""Answers with what it was given and what it knows of itself."""

import os


def handler(event, context):
    custom = context.client_context.custom if context.client_context else None
    return {
        "event": event,
        "version": context.function_version,
        "arn": context.invoked_function_arn,
        "pid": os.getpid(),
        "environment": dict(os.environ),
        "client_context": custom,
    }
