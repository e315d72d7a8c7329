"""What AWS's services look like, read once for many processes that are forked from one."""

import functools
from collections.abc import Iterable
from typing import Any

import boto3


def read_for_forks(services: Iterable[str]) -> None:
    """Read what these services look like, and import what a first client does.

    A loader keeps all that it reads, and to find the files takes it longer than all else of a first client. So the
    loaders of processes that are forked from this one begin with the data that is read here.
    """
    session = boto3.session.Session("none", "none", region_name="us-east-1")
    create: Any = session.client  # the stubs list every service
    for service in services:
        create(service)
    _keep_what_is_read(session)


def _keep_what_is_read(session: boto3.session.Session) -> None:
    from botocore.loaders import Loader

    read = session._session.get_component("data_loader")
    begin = Loader.__init__

    @functools.wraps(begin)
    def begin_with_read(loader: Any, *arguments: Any, **named: Any) -> None:
        begin(loader, *arguments, **named)
        if loader.search_paths == [Loader.CUSTOMER_DATA_PATH, Loader.BUILTIN_DATA_PATH]:
            loader._cache.update(read._cache)

    Loader.__init__ = begin_with_read  # type: ignore[method-assign,assignment]
