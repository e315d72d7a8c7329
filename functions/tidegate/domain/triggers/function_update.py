"""`AWS API Call via CloudTrail`: somebody updated a function, and it is released if it is tagged so."""

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
    """A call that changed a function, and the ARN of who made it, as far as the event says."""

    function: str
    by: str


def updated(event: Envelope) -> Update | None:
    """Give what was updated; None where the event tells of something else, of a call that failed or of a trial.

    CloudTrail tells the account of whoever called, too: a function of another account may have the name of one here.

    Raises
    ------
    EventNotUnderstood
        When it is not as CloudTrail sends it.
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
    """Whether the function may be released; the others are for another Tidegate of this account, or for nobody."""
    limits = settings.limits()
    return limits.covers(update.function) and not limits.owns(update.function)


def order_of_update(event: Envelope, update: Update, found: Tagged, settings: Settings) -> Order | None:
    """Order a release of what $LATEST holds then; None where the function is not tagged so, or is a Tidegate's own.

    It takes the place of one that is under way: code and configuration are two calls, and only what both have made
    may be released.

    Raises
    ------
    EventNotUnderstood
        When the event cannot be named.
    InvalidRequest
        When the function's tags say what no request may.
    """
    if found.tags.get(ON_UPDATE) != RELEASE or settings.limits().owns(found.function, found.tags):
        return None
    labels = {"started_by": f"update by {update.by}"[:256]}
    document = {"targets": [found.target()], "on_conflict": "supersede", "labels": labels}
    read_request(document, settings)
    return Order(name_by_event(update.function, event), document, (update.function,))
