"""An end to connections of libraries that wait as long as a server likes."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from haechi.model.errors import IdentityError


@contextmanager
def alarm(name: str, descriptor: int, seconds: float) -> Iterator[None]:
    """Shut a connection down, by its descriptor, when what is done with it takes longer than so many seconds.

    Raises:
        IdentityError: it did; in place of whatever the library made of the broken connection.
    """
    own = socket.socket(
        fileno=os.dup(descriptor)
    )  # so that nobody else's connection is hit once it is closed
    rang = threading.Event()

    def ring() -> None:
        rang.set()
        try:
            own.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # it has ended by itself

    timer = threading.Timer(seconds, ring)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception as error:
        if not rang.is_set():
            raise
        raise IdentityError(f'system "{name}": its answer took longer than {seconds:g} seconds') from error
    finally:
        timer.cancel()
        timer.join()
        own.close()
