"""What is believed of a proxy, and of whom."""

import hashlib
import ipaddress
import ssl
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borders.api.proxy import (
    MOST_CERTIFICATE_CHARACTERS,
    TrustedProxies,
    fingerprint_of_client,
    was_handed_on,
)
from deploy import wsgi

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


HERE = [
    ipaddress.ip_network(network) for network in ("127.0.0.1/32", "::1/128", "10.1.0.0/16", "2001:db8:1::/48")
]


def pass_on(environ, networks=HERE):
    """Return what reaches the application."""
    reached = {}

    def application(environ, start_response):
        reached.update(environ)
        return []

    TrustedProxies(application, networks)(dict(environ), None)
    return reached


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("::1", "2001:db8::9", "2001:db8::9"),
        # written anew, so that one address is counted as one
        ("::1", "2001:0DB8:0:0::9", "2001:db8::9"),
        ("127.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"),
        ("::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9:50123", "203.0.113.9"),
        ("127.0.0.1", "[2001:db8::9]:50123", "2001:db8::9"),
        # the right-most that is none of ours: what stands left of it the client sent
        ("127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("127.0.0.1", "127.0.0.1,203.0.113.9 ,\t2001:db8:1::5", "203.0.113.9"),
        ("127.0.0.1", "not an address, 203.0.113.9", "203.0.113.9"),
        # all are ours
        ("127.0.0.1", "10.1.9.9, 10.1.2.3", "10.1.9.9"),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        # nothing to believe: the nearest that is known
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "unknown", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9, unknown, 10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", "203.0.113.9,", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.999", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.09", "127.0.0.1"),
        ("127.0.0.1", "fe80::1%a name", "127.0.0.1"),
        ("127.0.0.1", "[2001:db8::9", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9" + ", 10.1.2.3" * 50, "10.1.2.3"),
        # no proxy of ours
        ("192.0.2.66", "203.0.113.9", "192.0.2.66"),
        ("10.2.0.1", "203.0.113.9", "10.2.0.1"),
        ("2001:db8:2::1", "203.0.113.9", "2001:db8:2::1"),
        ("", "203.0.113.9", ""),
    ],
)
def test_the_address_is_that_of_whom_a_trusted_proxy_speaks_for(peer, forwarded, client):
    reached = pass_on({"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded})
    assert reached["REMOTE_ADDR"] == client
    assert was_handed_on(reached)


SAID = {
    "HTTP_X_FORWARDED_FOR": "203.0.113.9",
    "HTTP_FORWARDED": "for=203.0.113.9",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_CLIENT_VERIFY": "SUCCESS",
    "HTTP_X_CLIENT_CERTIFICATE": quote(PEM),
}


def test_a_trusted_proxy_speaks_of_tls_and_certificate():
    reached = pass_on(SAID | {"REMOTE_ADDR": "127.0.0.1"})
    assert reached["HTTP_X_FORWARDED_PROTO"] == "https"
    assert fingerprint_of_client(reached) == hashlib.sha256(DER).hexdigest()


@pytest.mark.parametrize(("peer", "networks"), [("192.0.2.66", HERE), ("127.0.0.1", []), ("", HERE)])
def test_nobody_else_does(peer, networks):
    reached = pass_on(SAID | {"REMOTE_ADDR": peer, "HTTP_HOST": "border.example"}, networks)
    assert reached == {"REMOTE_ADDR": peer, "HTTP_HOST": "border.example", "bmis.handed_on": True}


def test_a_request_that_nobody_handed_on_is_left_as_it_is():
    environ = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "border.example"}
    assert pass_on(environ) == environ
    assert not was_handed_on(environ)


def test_every_process_of_the_web_server_looks_at_who_speaks():
    assert isinstance(wsgi.application, TrustedProxies)


@given(st.text(max_size=100) | st.text("0123456789abcdef:.,[] ", max_size=60))
def test_any_header_gives_an_address(text):
    reached = pass_on({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": text})
    assert ipaddress.ip_address(reached["REMOTE_ADDR"])
