"""A national system bound to its certificate, as the proxy hands it over."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.utils import timezone

from borders.models import Crossing, Officer
from borders.services.partners import Terms
from tests.db.api.partners.conftest import System
from tests.db.conftest import ActorOf


def make_certificate() -> tuple[str, str]:
    """Return a new certificate as nginx hands it over, and its SHA-256."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "police.example")])
    now = timezone.now()
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=key.public_key(),
        serial_number=x509.random_serial_number(),
        not_valid_before=now - timedelta(hours=1),
        not_valid_after=now + timedelta(hours=1),
    )
    certificate = builder.sign(key, hashes.SHA256())
    pem = certificate.public_bytes(serialization.Encoding.PEM).decode()
    return quote(pem, safe=""), certificate.fingerprint(hashes.SHA256()).hex()


def test_a_bound_system_needs_its_certificate(
    ines: Officer, dan: Officer, actor_of: ActorOf, terms: Terms, crossing: Crossing, settings: Any
) -> None:
    (mine, fingerprint), (another, _) = make_certificate(), make_certificate()
    shown = ":".join(fingerprint[i : i + 2] for i in range(0, 64, 2)).upper()  # as openssl prints it
    system = System(ines, dan, actor_of, certificate_sha256=shown)
    system.agree(terms)

    def ask(**headers: str) -> tuple[int, str]:
        answer = system.client(**headers).get("/api/v1/crossings/")
        return answer.status_code, answer.json().get("code", "")

    bound = {"X-Client-Verify": "SUCCESS", "X-Client-Certificate": mine}
    refused = (401, "token_invalid")
    assert ask(**bound) == refused  # no proxy is trusted to say so
    settings.TRUST_CLIENT_CERTIFICATE_HEADER = True
    assert ask(**bound) == (200, "")
    for headers in (
        {},
        {"X-Client-Certificate-SHA256": fingerprint},
        {"X-Client-Verify": "SUCCESS", "X-Client-Certificate-SHA256": fingerprint},
        {"X-Client-Certificate": mine},
        bound | {"X-Client-Verify": "NONE"},
        bound | {"X-Client-Verify": "FAILED:certificate revoked"},
        bound | {"X-Client-Certificate": another},
        bound | {"X-Client-Certificate": fingerprint},
        bound | {"X-Client-Certificate": mine[:-40]},
        bound | {"X-Client-Certificate": "%FF%00-----BEGIN"},
    ):
        assert ask(**headers) == refused, headers
