"""Takes an order, and tells two consumers by an event."""

import json
import os

import boto3

from tidegate_route import Router

KITCHEN, BILLING = os.environ["CONSUMERS"].split(",")
router = Router.from_table(timeout=5)
events = boto3.client("events")


@router.handler(key=lambda event, context: event["user"])
def handler(event, context):
    detail = router.carry({"order": event["order"]}, KITCHEN, BILLING)
    placed = {"Source": "shop", "DetailType": "Order Placed", "Detail": json.dumps(detail)}
    return events.put_events(Entries=[placed])["FailedEntryCount"]
