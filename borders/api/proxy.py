"""What the proxy that ends TLS says of a connection."""

import hashlib
import ssl
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

VERIFY_HEADER = "HTTP_X_CLIENT_VERIFY"
CERTIFICATE_HEADER = "HTTP_X_CLIENT_CERTIFICATE"
# a certificate of RSA 8192 with many names has about 4 kB, escaped three times that in the worst case
MOST_CERTIFICATE_CHARACTERS = 32_768


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
