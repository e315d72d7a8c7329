"""LaunchDarkly in daemon mode: its SDK reads flags from a table of DynamoDB, as the Relay Proxy writes them."""

from contextlib import closing
from typing import Any

import boto3
import pytest
from ldclient import Config, LDClient
from ldclient.feature_store import CacheConfig
from ldclient.integrations import DynamoDB
from ldclient.versioned_data_kind import FEATURES, SEGMENTS

from localcloud import LocalCloud
from tests.fakes.launchdarkly_flags import flag
from tests.unit.routing_calls import item, keys, place, router
from tidegate_route.launchdarkly import decider

TABLE = "launchdarkly-flags"
(ANA,) = keys("ana")


@pytest.fixture
def store(cloud: LocalCloud, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Make stores of one table, which the SDK does not create itself; each caches nothing."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)  # the SDK makes its client by this one
    names = ("namespace", "key")
    client = cloud.client("dynamodb")
    client.create_table(
        TableName=TABLE,
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
        KeySchema=[{"AttributeName": "namespace", "KeyType": "HASH"}, {"AttributeName": "key", "KeyType": "RANGE"}],
        BillingMode="PAY_PER_REQUEST",
    )
    access = {"endpoint_url": cloud.endpoint, "region_name": "us-east-1"}
    access |= {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return lambda: DynamoDB.new_feature_store(TABLE, dynamodb_opts=access, caching=CacheConfig.disabled())


def test_flags_of_a_table_decide_without_a_connection_to_launchdarkly(cloud: LocalCloud, store: Any) -> None:
    config = Config("no-key", feature_store=store(), use_ldd=True, send_events=False, stream_uri="http://127.0.0.1:9")
    with closing(LDClient(config)) as client:
        made = router({"orders": item(100)}, decide=decider(client), timeout=5)
        assert place("ana", made).channel == "stable", "the table is empty yet"
        relay = store()
        relay.init({FEATURES: {"orders-channel": flag(0, canary=(ANA,))}, SEGMENTS: {}})
        assert [place(user, made).channel for user in ("ana", "bob")] == ["canary", "stable"]
        relay.upsert(FEATURES, flag(100) | {"version": 2})
        assert place("bob", made).why == "decided by the decider"
        assert place("bob", made).channel == "canary", "a change is seen with the next read"
        cloud.client("dynamodb").delete_table(TableName=TABLE)
        assert place("bob", made).channel == "stable", "the table is gone"
