"""deploy/nginx/bmis.conf in a real nginx: TLS, mutual TLS, and headers that only nginx may set."""

import http.client
import http.server
import ipaddress
import json
import os
import re
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.urls import resolve

from borders.api.proxy import TrustedProxies, fingerprint_of_client
from deploy.launcher.configuration import CHECKOUT
from deploy.launcher.ports import LOOPBACK, pick_free_port

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
CONFIGURATION = CHECKOUT / "deploy" / "nginx" / "bmis.conf"
# every address at which a password, a code or a secret is tried; the first few at both servers
SIGN_IN = (
    *("/api/v1/sessions/", "/api/v1/devices/", "/api/v1/oauth/token/", "/api/v1/oauth/revocation/"),
    *("/booth/sign-in/", "/booth/enrolment/", "/admin/login/"),
    *("/admin/second-factor/", "/account/password/"),
)
SPOOFED = {
    "X-Client-Subject": "CN=somebody else",
    "X-Client-Verify": "SUCCESS",
    "X-Client-Fingerprint": "00",
    "X-Client-Certificate": "forged",
    "X-Client-Certificate-SHA256": "ab" * 32,
    "X_Client_Verify": "SUCCESS",
    "Forwarded": "for=203.0.113.9",
    "X-Forwarded-For": "203.0.113.9",
    "X-Forwarded-Proto": "http",
}


class Authority:
    """A certificate authority of the test, with keys made for this run."""

    def __init__(self, name: str):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self.sign(self.name, self.key.public_key(), is_authority=True)

    def sign(
        self, subject: x509.Name, key: ec.EllipticCurvePublicKey, *, is_authority: bool = False
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(
            issuer_name=self.name,
            subject_name=subject,
            public_key=key,
            serial_number=x509.random_serial_number(),
            not_valid_before=now - timedelta(hours=1),
            not_valid_after=now + timedelta(hours=1),
        )
        builder = builder.add_extension(
            x509.BasicConstraints(ca=is_authority, path_length=None), critical=True
        )
        names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        return builder.add_extension(names, critical=False).sign(self.key, hashes.SHA256())

    def issue(self, folder: Path, name: str) -> x509.Certificate:
        """Write NAME.pem and NAME.key of a new certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        certificate = self.sign(subject, key.public_key())
        (folder / f"{name}.pem").write_bytes(pem(certificate))
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        (folder / f"{name}.key").write_bytes(private)
        return certificate

    def revoke(self, *certificates: x509.Certificate) -> bytes:
        """Return the revocation list that names these."""
        now = datetime.now(UTC)
        builder = x509.CertificateRevocationListBuilder(
            issuer_name=self.name, last_update=now - timedelta(hours=1), next_update=now + timedelta(hours=1)
        )
        for certificate in certificates:
            revoked = x509.RevokedCertificateBuilder(certificate.serial_number, now - timedelta(minutes=5))
            builder = builder.add_revoked_certificate(revoked.build())
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


class Mirror(http.server.BaseHTTPRequestHandler):
    """Stands in for the application and answers with the headers that reached it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        content = json.dumps([*self.headers.items()]).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", "0")))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@dataclass(frozen=True)
class Proxy:
    folder: Path
    plain_port: int
    officers_port: int
    partners_port: int

    def ask(
        self,
        port: int,
        path: str = "/api/v1/crossings/",
        *,
        certificate: str = "",
        headers: dict[str, str] | None = None,
        body: bytes | None = None,
        version: ssl.TLSVersion | None = None,
        source: str = "",
    ) -> tuple[int, list[tuple[str, str]]]:
        """Return the status, and what headers the application was sent (nothing when it was not asked)."""
        context = ssl.create_default_context(cafile=str(self.folder / "server-ca.pem"))
        here = (source, 0) if source else None
        if certificate:
            context.load_cert_chain(self.folder / f"{certificate}.pem", self.folder / f"{certificate}.key")
        if version is not None:
            context.maximum_version = version
        connection = http.client.HTTPSConnection(
            "localhost", port, timeout=10, context=context, source_address=here
        )
        try:
            connection.request("GET" if body is None else "POST", path, body, headers or {})
            response = connection.getresponse()
            content = response.read()
        finally:
            connection.close()
        reached = response.status == 200 and content.startswith(b"[")
        return response.status, [(n, v) for n, v in json.loads(content)] if reached else []


def configure(folder: Path, ports: dict[str, int]) -> str:
    """Return the configuration with its places and ports replaced, nothing else."""
    text = CONFIGURATION.read_text()
    places = {
        "/etc/bmis/tls/": f"{folder}/",
        "/var/lib/nginx/": f"{folder}/",
        "/var/log/nginx/": f"{folder}/",
        "/run/nginx.pid": f"{folder}/nginx.pid",
        "server 127.0.0.1:8000": f"server {LOOPBACK}:{ports['web']}",
        "listen 80 ": f"listen {LOOPBACK}:{ports['plain']} ",
        "listen 443 ": f"listen {LOOPBACK}:{ports['officers']} ",
        "listen 8443 ": f"listen {LOOPBACK}:{ports['partners']} ",
    }
    for place, here in places.items():
        assert place in text, place
        text = text.replace(place, here)
    return "daemon off;\n" + text


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    if NGINX is None:
        pytest.skip("needs Debian's package nginx-light")
    folder = tmp_path_factory.mktemp("nginx")
    for parent in (folder, folder.parent, folder.parent.parent):
        parent.chmod(0o755)  # the workers of nginx run as another account
    ours, partners, strangers = (
        Authority("Web authority"),
        Authority("National authority"),
        Authority("Stranger"),
    )
    (folder / "server-ca.pem").write_bytes(pem(ours.certificate))
    (folder / "partners-ca.pem").write_bytes(pem(partners.certificate))
    ours.issue(folder, "server")
    partners.issue(folder, "customs")
    revoked = partners.issue(folder, "revoked")
    strangers.issue(folder, "stranger")
    (folder / "partners.crl").write_bytes(partners.revoke(revoked))
    web = http.server.ThreadingHTTPServer((LOOPBACK, 0), Mirror)
    threading.Thread(target=web.serve_forever, daemon=True).start()
    ports = {name: pick_free_port() for name in ("plain", "officers", "partners")} | {"web": web.server_port}
    (folder / "nginx.conf").write_text(configure(folder, ports))
    server = subprocess.Popen([NGINX, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "start.log"])
    running = Proxy(folder, ports["plain"], ports["officers"], ports["partners"])
    try:
        deadline = time.monotonic() + 20
        while not (folder / "nginx.pid").exists():
            assert server.poll() is None, (folder / "start.log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield running
    finally:
        server.terminate()
        server.wait(10)
        web.shutdown()
        web.server_close()


def environ_of(headers: list[tuple[str, str]]) -> dict[str, str]:
    """Return the headers as a WSGI server hands them over."""
    return {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers}


def value_of(headers: list[tuple[str, str]], name: str) -> list[str]:
    return [value for found, value in headers if found.lower() == name.lower()]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_spoken(proxy, version):
    assert proxy.ask(proxy.officers_port, version=version)[0] == 200


def test_tls_1_1_is_not_spoken(proxy):
    context = ssl.create_default_context(cafile=str(proxy.folder / "server-ca.pem"))
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    connection = http.client.HTTPSConnection("localhost", proxy.officers_port, timeout=10, context=context)
    with pytest.raises((ssl.SSLError, ConnectionError)):
        connection.request("GET", "/")
    connection.close()


def test_plain_http_is_sent_to_https(proxy):
    connection = http.client.HTTPConnection("localhost", proxy.plain_port, timeout=10)
    connection.request("GET", "/booth/")
    response = connection.getresponse()
    assert (response.status, response.getheader("Location")) == (301, "https://localhost/booth/")
    connection.close()


def test_a_partner_without_certificate_is_refused(proxy):
    assert proxy.ask(proxy.partners_port) == (400, [])


@pytest.mark.parametrize("certificate", ["stranger", "revoked"])
def test_a_certificate_of_another_authority_or_revoked_is_refused(proxy, certificate):
    assert proxy.ask(proxy.partners_port, certificate=certificate) == (400, [])


def test_a_partner_with_certificate_reaches_the_api_with_its_subject(proxy):
    status, headers = proxy.ask(proxy.partners_port, certificate="customs")
    assert status == 200
    assert value_of(headers, "X-Client-Verify") == ["SUCCESS"]
    assert value_of(headers, "X-Client-Subject") == ["CN=customs"]


def test_the_application_knows_a_partner_by_the_certificate_that_nginx_verified(proxy):
    certificate = x509.load_pem_x509_certificate((proxy.folder / "customs.pem").read_bytes())
    _, headers = proxy.ask(proxy.partners_port, certificate="customs", headers=SPOOFED)
    known = fingerprint_of_client(environ_of(headers))
    assert known == certificate.fingerprint(hashes.SHA256()).hex()


def test_a_partner_reaches_nothing_but_the_api(proxy):
    assert [
        proxy.ask(proxy.partners_port, path, certificate="customs")[0] for path in ("/admin/", "/booth/", "/")
    ] == [404] * 3


@pytest.mark.parametrize("port", ["officers", "partners"])
def test_headers_that_only_nginx_may_set_are_replaced(proxy, port):
    ports = {"officers": (proxy.officers_port, ""), "partners": (proxy.partners_port, "customs")}
    number, certificate = ports[port]
    _, headers = proxy.ask(number, certificate=certificate, headers=SPOOFED)
    for name, spoofed in SPOOFED.items():
        assert spoofed not in value_of(headers, name) or (name, port) == ("X-Client-Verify", "partners"), name
        assert len(value_of(headers, name)) <= 1, name
    assert value_of(headers, "X-Forwarded-Proto") == ["https"]


def test_an_officer_without_certificate_is_not_taken_for_a_partner(proxy):
    _, headers = proxy.ask(proxy.officers_port, headers=SPOOFED)
    assert [name for name, _ in headers if re.match("X.Client", name, re.IGNORECASE)] == []
    assert fingerprint_of_client(environ_of(headers)) == ""


@pytest.mark.parametrize("port", ["officers", "partners"])
def test_the_application_knows_the_address_from_which_a_client_came(proxy, port):
    number, certificate = {
        "officers": (proxy.officers_port, ""),
        "partners": (proxy.partners_port, "customs"),
    }[port]
    _, headers = proxy.ask(number, certificate=certificate, headers=SPOOFED, source="127.0.0.9")
    reached = {}

    def application(environ, start_response):
        reached.update(environ)
        return []

    networks = [ipaddress.ip_network(LOOPBACK)]
    TrustedProxies(application, networks)(environ_of(headers) | {"REMOTE_ADDR": LOOPBACK}, None)
    assert reached["REMOTE_ADDR"] == "127.0.0.9"
    assert reached["HTTP_X_FORWARDED_PROTO"] == "https"


def test_a_body_beyond_the_limit_does_not_reach_the_application(proxy):
    assert proxy.ask(proxy.officers_port, "/api/v1/inspections/", body=bytes(27 * 1024 * 1024))[0] == 413


def test_files_of_the_pages_come_from_the_application(proxy):
    assert proxy.ask(proxy.officers_port, "/static/console/icon.svg")[0] == 200


def test_guessing_passwords_is_slowed_down_wherever_one_is_taken(proxy):
    statuses = [proxy.ask(proxy.officers_port, "/api/v1/sessions/", body=b"{}")[0] for _ in range(24)]
    assert statuses[:20] == [200] * 20
    assert 429 in statuses
    # one count for all of them, and none for pages that are only looked at
    for path in SIGN_IN:
        resolve(path)
        tried = [proxy.ask(proxy.officers_port, path, body=b"{}")[0] for _ in range(4)]
        assert 429 in tried, path
        assert proxy.ask(proxy.officers_port, path)[0] == 200, path
        if path.startswith("/api/"):
            tried = [
                proxy.ask(proxy.partners_port, path, certificate="customs", body=b"{}")[0] for _ in range(4)
            ]
            assert 429 in tried, path
            assert proxy.ask(proxy.partners_port, path, certificate="customs")[0] == 200, path


def test_what_was_searched_for_is_in_no_log(proxy):
    proxy.ask(proxy.officers_port, "/api/v1/travelers/?name=ERIKSSON")
    time.sleep(0.2)
    logged = (proxy.folder / "access.log").read_text()
    assert "/api/v1/travelers/" in logged
    assert "ERIKSSON" not in logged
