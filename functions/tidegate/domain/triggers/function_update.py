"""`AWS API Call via CloudTrail`: somebody updated a function, which is released if it has the tag."""

from dataclasses import dataclass

from tidegate.domain.errors import EventNotUnderstood
from tidegate.domain.function_name import parse
from tidegate.domain.request.limits import Settings
from tidegate.domain.request.parse import read_request
from tidegate.domain.triggers.event import Envelope
from tidegate.domain.triggers.order import ON_UPDATE, RELEASE, Order, Tagged, name_by_event

KIND = "AWS API Call via CloudTrail"
CALLS = ("UpdateFunctionCode20150331v2", "UpdateFunctionConfiguration20150331v2")


@dataclass(frozen=True)
class Update:
    """A call that changed a function, and the caller's ARN, if the event contains it."""

    function: str
    by: str


def updated(event: Envelope) -> Update | None:
    """Return the update; None if the event is about something else, a failed call or a dry run.

    CloudTrail also delivers events to the caller's account: a function of another account may have the same name.

    Raises
    ------
    EventNotUnderstood
        When it does not have CloudTrail's format.
    """
    if event.find("eventName") not in CALLS or event.find("errorCode") is not None:
        return None
    if event.find("requestParameters", "dryRun") is True:
        return None
    try:
        found = parse(event.text("requestParameters", "functionName"))
    except ValueError as error:
        raise EventNotUnderstood(f"{KIND}: detail.requestParameters.functionName {error}.") from None
    if found.elsewhere(account=event.account, region=event.region):
        return None
    by = event.find("userIdentity", "arn")
    return Update(found.name, by if isinstance(by, str) else "somebody")


def may_be_ours(update: Update, settings: Settings) -> bool:
    """Return whether the function may be released.

    The others are for another Tidegate of this account, or for nobody.
    """
    limits = settings.limits()
    return limits.covers(update.function) and not limits.owns(update.function)


def order_of_update(event: Envelope, update: Update, found: Tagged, settings: Settings) -> Order | None:
    """Order a release of the current $LATEST; None if the function does not have the tag, or belongs to a Tidegate.

    It supersedes a running release: code and configuration are two calls, and only their common result may
    be released.

    Raises
    ------
    EventNotUnderstood
        When the event cannot be named.
    InvalidRequest
        When the function's tags are not valid in a request.
    """
    if found.tags.get(ON_UPDATE) != RELEASE or settings.limits().owns(found.function, found.tags):
        return None
    labels = {"started_by": f"update by {update.by}"[:256]}
    document = {"targets": [found.target()], "on_conflict": "supersede", "labels": labels}
    read_request(document, settings)
    return Order(name_by_event(update.function, event), document, (update.function,))
