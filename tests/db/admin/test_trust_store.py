"""The trust store in the admin: what a version changes, a second person's answer, and warnings of what runs out."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from borders.models import Officer
from tests.documents.pki.state import master_list, utopia
from travelers.models import TrustedCertificate, TrustStoreVersion
from travelers.queries import expiring_certificates, outdated_revocation_lists
from travelers.services.trust_store import propose_trust_import

pytestmark = pytest.mark.django_db


@pytest.fixture
def proposed(alice: Officer, actor_of) -> TrustStoreVersion:
    """Utopia's own master list, proposed by Alice."""
    state = utopia()
    return propose_trust_import(
        actor=actor_of(alice),
        at=timezone.now(),
        content=master_list(state, state.csca.der),
        source="Passport Office",
        roots=[state.csca.der],
    )


def address(version: TrustStoreVersion, verb: str) -> str:
    return reverse(f"admin:travelers_truststoreversion_{verb}", args=(version.id,))


def test_a_version_shows_what_it_changes(bobs_browser: Client, proposed: TrustStoreVersion) -> None:
    shown = bobs_browser.get(address(proposed, "change")).content.decode()
    assert TrustedCertificate.objects.get().sha256 in shown
    assert "Put in force" in shown
    assert "Master List Signer Utopia" in shown


def test_a_second_person_puts_it_in_force(bobs_browser: Client, proposed: TrustStoreVersion) -> None:
    bobs_browser.post(address(proposed, "activate"))
    proposed.refresh_from_db()
    assert proposed.state == "ACTIVE"


def test_a_look_changes_nothing(bobs_browser: Client, proposed: TrustStoreVersion) -> None:
    assert bobs_browser.get(address(proposed, "activate")).status_code == 405


def test_who_proposed_is_told_to_ask_another(bobs_browser: Client, bob: Officer, actor_of) -> None:
    version = propose_trust_import(
        actor=actor_of(bob), at=timezone.now(), content=utopia().csca.der, source="by hand"
    )
    assert "Another person has to answer" in bobs_browser.get(address(version, "change")).content.decode()
    bobs_browser.post(address(version, "activate"))
    version.refresh_from_db()
    assert version.state == "PROPOSED"


def test_an_officer_sees_no_trust_store(sign_in, alice: Officer, proposed: TrustStoreVersion) -> None:
    assert sign_in(alice).get(address(proposed, "change")).status_code == 403
    assert sign_in(alice).post(address(proposed, "activate")).status_code == 403


def test_what_runs_out_is_named_before_it_does(proposed: TrustStoreVersion) -> None:
    ends = TrustedCertificate.objects.get().not_after
    within = timedelta(days=180)
    soon = expiring_certificates(version=proposed, at=ends - timedelta(days=10), within=within)
    assert [c.subject for c in soon] == ["C=UT, O=Government of Utopia, CN=CSCA Utopia"]
    assert not expiring_certificates(version=proposed, at=ends - timedelta(days=400), within=within)
    assert not outdated_revocation_lists(version=proposed, at=ends)
