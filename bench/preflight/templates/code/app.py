def handler(event: object, context: object) -> object:  # noqa: ARG001 - called by Lambda
    return {"batchItemFailures": []}
