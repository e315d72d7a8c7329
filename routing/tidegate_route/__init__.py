"""Routes users, not requests: decides who meets the canary of a function, and hands the decision down the call chain.

It needs the standard library only (boto3, which Lambda's runtime has, to read the table). Whatever fails, the answer
is the stable alias or the last known document, never an exception. docs/routing.md of Tidegate describes its use.
"""

from tidegate_route.carriers import Incoming, incoming
from tidegate_route.document import CANARY, STABLE, Document
from tidegate_route.position import POSITIONS, position, pseudonym
from tidegate_route.router import Decision, Router

__all__ = ["CANARY", "POSITIONS", "STABLE", "Decision", "Document", "Incoming", "Router"]
__all__ += ["incoming", "position", "pseudonym"]
