"""What the proxy that ends TLS says of a connection, and of whom it is believed."""

import functools
import hashlib
import ipaddress
import re
import ssl
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.core.checks import CheckMessage, Warning

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

VERIFY_HEADER = "HTTP_X_CLIENT_VERIFY"
CERTIFICATE_HEADER = "HTTP_X_CLIENT_CERTIFICATE"
ADDRESS_HEADER = "HTTP_X_FORWARDED_FOR"
# that somebody handed the request on, whoever it was
HANDED_ON = (ADDRESS_HEADER, "HTTP_FORWARDED")
# what a proxy alone may say
OF_A_PROXY = (
    *HANDED_ON,
    "HTTP_X_FORWARDED_PROTO",
    VERIFY_HEADER,
    CERTIFICATE_HEADER,
    "HTTP_X_CLIENT_SUBJECT",
    "HTTP_X_CLIENT_FINGERPRINT",
    "HTTP_X_CLIENT_CERTIFICATE_SHA256",
)
WAS_HANDED_ON = "bmis.handed_on"
MOST_PROXIES = 10  # one behind the other
# a certificate of RSA 8192 with many names has about 4 kB, escaped three times that in the worst case
MOST_CERTIFICATE_CHARACTERS = 32_768
# some proxies write the port beside the address
ADDRESS = re.compile(
    r"\[([0-9a-fA-F:.]{2,45})\](?::[0-9]{1,5})?|([0-9.]{7,15})(?::[0-9]{1,5})?|([0-9a-fA-F:.]{2,45})"
)


class TrustedProxies:
    """Stands before everything: behind it REMOTE_ADDR is the client's, and what only a proxy may say was said by one of ours.

    From any other peer these headers are dropped, and REMOTE_ADDR is the peer's.
    """

    def __init__(self, application: Callable[..., Iterable[bytes]], networks: Iterable[IpNetwork]):
        self.application = application
        self.networks = tuple(networks)
        # peers are few, and each of their requests asks
        self.is_proxy = functools.lru_cache(maxsize=1024)(self._is_proxy)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        told = [name for name in OF_A_PROXY if name in environ]
        if told:
            self._settle(environ, told)
        return self.application(environ, start_response)

    def _settle(self, environ: dict[str, Any], told: list[str]) -> None:
        peer = environ.get("REMOTE_ADDR") or ""
        dropped = told
        if self.is_proxy(peer):
            dropped = [name for name in told if name in HANDED_ON]
            environ["REMOTE_ADDR"] = self.find_client(peer, environ.get(ADDRESS_HEADER, ""))
        for name in dropped:
            if name in HANDED_ON:
                environ[WAS_HANDED_ON] = True
            del environ[name]

    def find_client(self, peer: str, forwarded: str) -> str:
        """Return the last address in X-Forwarded-For that is none of our proxies: what stands left of it is anybody's word.

        forwarded: as it came. Where it ends in something else than an address, the nearest proxy is all that is known.
        """
        client = peer
        for part in reversed(forwarded.rsplit(",", MOST_PROXIES)):
            address = read_address(part)
            if address is None:
                break
            client = str(address)
            if not self.holds(address):
                break
        return client

    def holds(self, address: IpAddress) -> bool:
        return any(address in network for network in self.networks)

    def _is_proxy(self, peer: str) -> bool:
        address = read_address(peer)
        return address is not None and self.holds(address)


def read_address(text: str) -> IpAddress | None:
    """Return the address of version 4 or 6, with or without a port; None where it is none. IPv4 within IPv6 is IPv4."""
    found = ADDRESS.fullmatch(text.strip(" \t"))
    if found is None:
        return None
    try:
        address = ipaddress.ip_address(found[1] or found[2] or found[3])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def was_handed_on(environ: Mapping[str, Any]) -> bool:
    """Tell whether the request came through a proxy, trusted or not."""
    return WAS_HANDED_ON in environ or any(name in environ for name in HANDED_ON)


def fingerprint_of_client(environ: Mapping[str, Any]) -> str:
    """Return the SHA-256, in hexadecimal digits, of the client certificate that the proxy verified; empty where it tells of none.

    The certificate comes as nginx's $ssl_client_escaped_cert: PEM, percent-encoded. What is no certificate counts as none.
    """
    escaped = environ.get(CERTIFICATE_HEADER, "")
    if environ.get(VERIFY_HEADER) != "SUCCESS" or not 0 < len(escaped) <= MOST_CERTIFICATE_CHARACTERS:
        return ""
    try:
        der = ssl.PEM_cert_to_DER_cert(unquote(escaped))
    except ValueError:
        return ""
    return hashlib.sha256(der).hexdigest()


def check_proxies(**_: Any) -> list[CheckMessage]:
    """Say when production believes no proxy: over plain HTTP it answers with redirects to HTTPS alone."""
    if not settings.PRODUCTION or settings.TRUSTED_PROXIES:
        return []
    text = "TRUSTED_PROXIES is empty: no proxy is believed that a request came over TLS, from whom, or with which certificate."
    hint = (
        "Name the addresses under which your proxies reach this server: 127.0.0.1 for an nginx on this host."
    )
    return [Warning(text, hint=hint, id="borders.W001")]
