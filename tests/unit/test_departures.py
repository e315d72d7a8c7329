"""Clients that leave before they are answered: only the one that left is noticed."""

import socket
from threading import Event

from localcloud.front import departures


def test_a_client_that_leaves_is_noticed_and_one_that_takes_its_number_is_not() -> None:
    server, client = socket.socketpair()
    left = Event()
    with server, departures.noticed(server, left.set):
        departures._tell(server.fileno())  # late, of the connection that had this number before
        assert not left.is_set()
        client.close()
        assert left.wait(10)
