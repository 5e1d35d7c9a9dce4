"""System check: production knows who stands in front of it."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning


def check_proxies(**_: Any) -> list[CheckMessage]:
    """Say when production believes no proxy: over plain HTTP it answers with redirects to HTTPS alone."""
    if not settings.PRODUCTION or settings.TRUSTED_PROXIES:
        return []
    text = "TRUSTED_PROXIES is empty: no proxy is believed that a request came over TLS, from whom, or with which certificate."
    hint = (
        "Name the addresses under which your proxies reach this server: 127.0.0.1 for an nginx on this host."
    )
    return [Warning(text, hint=hint, id="borders.W001")]
