"""`python -m deploy.probe URL`: exit 0 when a web server of ours answers 200, for health checks of containers and balancers.

The image has no curl, and production answers only to its own names, so the probe asks for one of them.
"""

import http.client
import os
import sys
from urllib.parse import urlsplit

TIMEOUT_S = 4.0


def ask(url: str, host: str) -> int:
    """Return the status of the answer, 0 when there is none. host: the name to ask for."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=TIMEOUT_S)
    headers = {"Host": host} if host else {}
    try:
        connection.request("GET", address.path or "/", headers=headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def main(arguments: list[str]) -> int:
    host = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().removeprefix(".")
    return int(ask(arguments[0], host if host != "*" else "") != http.HTTPStatus.OK)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
