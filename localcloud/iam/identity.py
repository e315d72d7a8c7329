"""Who calls: access keys that act as a role, as STS would hand them out."""

from dataclasses import dataclass
from threading import Lock

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.iam.models import get_account_id_from, iam_backends
from moto.sts.models import sts_backends

from localcloud.iam import trust

SESSION_SECONDS = 12 * 3600
SESSION_NAME_CHARACTERS = 64


@dataclass(frozen=True)
class Credentials:
    access_key_id: str
    secret_access_key: str
    session_token: str


@dataclass(frozen=True)
class Caller:
    """Who signed a call; without a role, the administrator of `home`."""

    role_arn: str | None = None
    session: str = ""
    home: str = DEFAULT_ACCOUNT_ID

    @property
    def is_administrator(self) -> bool:
        return self.role_arn is None

    @property
    def role_name(self) -> str:
        return (self.role_arn or "").rsplit("/", 1)[-1]

    @property
    def account(self) -> str:
        return self.role_arn.split(":")[4] if self.role_arn else self.home

    @property
    def arn(self) -> str:
        """AWS's name of the caller of a denied call."""
        if not self.role_arn:
            return f"arn:aws:iam::{self.account}:root"
        return f"arn:aws:sts::{self.account}:assumed-role/{self.role_name}/{self.session}"


ADMINISTRATOR = Caller()
_callers: dict[str, Caller] = {}
_lock = Lock()


def credentials_for(role_arn: str, *, service: str | None = None, session: str = "localcloud") -> Credentials:
    """Return a fresh key pair that acts as the role.

    `service` is the principal on whose behalf the role is taken ("lambda.amazonaws.com", or short: "lambda").
    Raises `trust.NotTrustedError` if that is given and the role's trust policy does not name it, or the role
    does not exist.
    """
    if service:
        trust.check(role_arn, service)
    session = session[:SESSION_NAME_CHARACTERS]
    with _lock:
        assumed = sts_backends[DEFAULT_ACCOUNT_ID]["aws"].assume_role(
            region_name="us-east-1",
            role_session_name=session,
            role_arn=role_arn,
            policy="",
            duration=SESSION_SECONDS,
            external_id="",
        )
        _callers[assumed.access_key_id] = Caller(role_arn, session)
    return Credentials(assumed.access_key_id, assumed.secret_access_key, assumed.session_token)


def administrator_of(account: str) -> Credentials:
    """Return a key pair of the administrator of an account."""
    if account == DEFAULT_ACCOUNT_ID:
        return Credentials("local", "local", "")
    key = iam_backends[account]["aws"].create_temp_access_key()
    with _lock:
        _callers[key.access_key_id] = Caller(home=account)
    return Credentials(key.access_key_id, key.secret_access_key, "")


def caller_of(access_key_id: str) -> Caller:
    """Return the owner of this key; unknown keys belong to the administrator."""
    return _callers.get(access_key_id) or _assumed_by_a_client(access_key_id)


def _assumed_by_a_client(access_key_id: str) -> Caller:
    """Keys that a client got from sts:AssumeRole are known to moto only."""
    account = get_account_id_from(access_key_id)
    key = iam_backends[account]["aws"].access_keys.get(access_key_id)
    if key is None or not key.role_arn:
        return Caller(home=account)
    assumed = sts_backends[account]["aws"].get_assumed_role_from_access_key(access_key_id)
    return Caller(key.role_arn, assumed.session_name if assumed else "")
