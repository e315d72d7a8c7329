"""Does something with an order."""

from tidegate_route import Router

router = Router.from_table(timeout=5)


@router.handler(key=lambda event, context: None, trust_payload=True)
def handler(event, context):
    return event["detail"]["order"]
