"""What is believed of a proxy, and of whom."""

import hashlib
import ssl
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borders.api.proxy import MOST_CERTIFICATE_CHARACTERS, fingerprint_of_client

DER = bytes(range(256)) * 3  # nothing looks into it: that it is a certificate is nginx's to verify
PEM = ssl.DER_cert_to_PEM_cert(DER)


def fingerprint(verify: str, certificate: str) -> str:
    return fingerprint_of_client({"HTTP_X_CLIENT_VERIFY": verify, "HTTP_X_CLIENT_CERTIFICATE": certificate})


def test_the_fingerprint_is_that_of_the_certificate_behind_its_escapes():
    assert fingerprint("SUCCESS", quote(PEM, safe="")) == hashlib.sha256(DER).hexdigest()


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"HTTP_X_CLIENT_CERTIFICATE": quote(PEM)},
        {"HTTP_X_CLIENT_CERTIFICATE": quote(PEM), "HTTP_X_CLIENT_VERIFY": "NONE"},
        {"HTTP_X_CLIENT_CERTIFICATE": quote(PEM), "HTTP_X_CLIENT_VERIFY": "FAILED:unable to get issuer"},
        {"HTTP_X_CLIENT_CERTIFICATE": quote(PEM), "HTTP_X_CLIENT_VERIFY": "SUCCESS,SUCCESS"},
        {"HTTP_X_CLIENT_VERIFY": "SUCCESS"},
        {"HTTP_X_CLIENT_VERIFY": "SUCCESS", "HTTP_X_CLIENT_CERTIFICATE_SHA256": "ab" * 32},
        {"HTTP_X_CLIENT_VERIFY": "SUCCESS", "HTTP_X_CLIENT_CERTIFICATE": "ab" * 32},
        {
            "HTTP_X_CLIENT_VERIFY": "SUCCESS",
            "HTTP_X_CLIENT_CERTIFICATE": quote(PEM) + " " * MOST_CERTIFICATE_CHARACTERS,
        },
    ],
)
def test_what_the_proxy_did_not_verify_is_nobodys_certificate(environ):
    assert fingerprint_of_client(environ) == ""


@given(
    st.text(max_size=200)
    | st.text(max_size=80).map(lambda inside: quote(f"{ssl.PEM_HEADER}\n{inside}\n{ssl.PEM_FOOTER}"))
)
def test_any_text_is_a_fingerprint_or_none(text):
    assert len(fingerprint("SUCCESS", text)) in (0, 64)
