"""Which release a line of recover's log is about."""

import pytest

from tests.failing import raising, refused
from tidegate.aws.ledger import locks
from tidegate.aws.logger import logger
from tidegate.domain.errors import AwsBusy
from tidegate.entry import recover


def test_a_line_about_no_single_release_does_not_name_the_one_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An execution environment lives on, and so would the name."""

    monkeypatch.setattr(locks, "find_all", raising(refused("ThrottlingException")))
    logger.append_keys(release="release-before")
    with pytest.raises(AwsBusy):
        recover.handler({"time": "2027-01-15T12:00:00Z"}, None)
    assert logger.get_current_keys()["release"] == "(all)"
