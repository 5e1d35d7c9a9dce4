"""Which TCP port to use, and what to say when it is taken."""

from __future__ import annotations

import errno
import socket
from collections.abc import Callable, Iterable

from deploy.launcher.failures import ExitCode, LaunchError

LOOPBACK = "127.0.0.1"


def pick_free_port() -> int:
    """Return a port that nobody listens on now.

    Another process may still take it first: the start then fails.
    """
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        return int(listener.getsockname()[1])


def is_free(port: int) -> bool:
    with socket.socket() as listener:
        # as servers do: a port whose latest connections are only closing is free
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((LOOPBACK, port))
            listener.listen(1)
        except OSError as error:
            if error.errno == errno.EACCES:
                raise LaunchError(
                    f"No permission to listen on port {port}: ports below 1024 belong to root. "
                    "Set WEB_PORT to a higher one.",
                    ExitCode.NO_PERMISSION,
                ) from error
            if error.errno != errno.EADDRINUSE:
                raise
            return False
    return True


def choose_web_port(
    wanted: int | None,
    candidates: Iterable[int] = range(8000, 8100),
    is_free: Callable[[int], bool] = is_free,
) -> int:
    """Return the wanted port, or the first free candidate when none is wanted; LaunchError when taken."""
    if wanted is not None:
        if is_free(wanted):
            return wanted
        raise LaunchError(
            f"Port {wanted} is in use by another program. Stop that one, set WEB_PORT to another port, "
            "or leave WEB_PORT out and a free one is chosen.",
            ExitCode.PORT_IN_USE,
        )
    tried = []
    for port in candidates:
        if is_free(port):
            return port
        tried.append(port)
    raise LaunchError(
        f"Every port from {tried[0]} to {tried[-1]} is in use. Set WEB_PORT to a free one.",
        ExitCode.PORT_IN_USE,
    )
