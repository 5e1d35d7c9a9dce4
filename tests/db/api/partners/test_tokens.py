"""The token of a national system: by client credentials, for the scopes agreed, and the end of it at once."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import AuditEntry
from borders.models import Crossing
from borders.services.partners import PartnerRefused, Terms, approve_profile, propose_profile, revoke_partner
from tests.db.api.partners.conftest import System


def test_no_token_before_a_second_person_has_approved(system: System, terms: Terms) -> None:
    now = timezone.now()
    profile = propose_profile(actor=system.ines, at=now, partner_id=system.partner.id, terms=terms)
    assert system.ask_token().status_code == 400
    with pytest.raises(PartnerRefused, match="second_person_required"):
        approve_profile(actor=system.ines, at=now, profile_id=profile.id)
    approve_profile(actor=system.dan, at=now, profile_id=profile.id)
    assert system.ask_token().status_code == 200


def test_a_wrong_secret_gives_nothing_and_is_written_down(system: System, terms: Terms) -> None:
    system.agree(terms)
    response = system.ask_token(secret="wrong")
    assert (response.status_code, response.json()) == (401, {"error": "invalid_client"})
    assert AuditEntry.objects.filter(action="partner.token_refused").count() == 1


def test_neither_secret_nor_token_can_be_read_from_the_database(system: System, terms: Terms) -> None:
    system.agree(terms)
    token = system.ask_token().json()["access_token"]
    application = system.partner.application
    application.refresh_from_db()
    assert application.client_secret != system.secret
    assert token not in application.accesstoken_set.values_list("token", flat=True)


def test_a_token_holds_what_was_asked_for_and_no_more(
    system: System, terms: Terms, crossing: Crossing
) -> None:
    system.agree(terms)
    client = system.client(scope="travelers.read")
    assert client.get("/api/v1/travelers/").status_code == 200
    refused = client.get("/api/v1/crossings/")
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_required")
    assert system.ask_token(scope="stays.read").json() == {"error": "invalid_scope"}


def test_terms_that_narrow_count_for_tokens_given_before(
    system: System, terms: Terms, crossing: Crossing
) -> None:
    system.agree(terms)
    client = system.client()
    system.agree(replace(terms, scopes=("travelers.read",), fields={"traveler": ("id",)}))
    assert client.get("/api/v1/crossings/").status_code == 403
    assert set(client.get("/api/v1/travelers/").json()["results"][0]) == {"id"}


def test_a_revoked_system_is_shut_out_with_the_next_request(
    system: System, terms: Terms, crossing: Crossing
) -> None:
    system.agree(terms)
    client = system.client()
    assert client.get("/api/v1/crossings/").status_code == 200
    revoke_partner(actor=system.dan, at=timezone.now(), partner_id=system.partner.id)
    assert client.get("/api/v1/crossings/").status_code == 401
    assert system.ask_token().status_code in (400, 401)


def test_terms_end_by_themselves(system: System, terms: Terms, crossing: Crossing) -> None:
    system.agree(replace(terms, valid_until=timezone.now() + timedelta(seconds=1)))
    client = system.client()
    later = timezone.now() + timedelta(seconds=2)
    assert client.get("/api/v1/crossings/").status_code == 200
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("audit.api.acting.timezone.now", lambda: later)
        assert client.get("/api/v1/crossings/").status_code == 401


def test_requests_beyond_the_rate_are_told_to_wait(system: System, terms: Terms, crossing: Crossing) -> None:
    system.agree(replace(terms, requests_per_minute=3))
    client = system.client()
    answers = [client.get("/api/v1/crossings/") for _ in range(5)]
    if len({a.json().get("code") for a in answers}) == 1:  # the minute changed between them
        answers = [client.get("/api/v1/crossings/") for _ in range(5)]
    assert answers[-1].status_code == 429
    assert answers[-1].json()["code"] == "rate_limited"
    assert 0 < int(answers[-1]["Retry-After"]) <= 60


def test_persons_acts_are_closed_to_systems(system: System, terms: Terms, crossing: Crossing) -> None:
    system.agree(terms)
    client = system.client()
    for path in ("inspections/", "hits/", "watchlists/", "referrals/", "schema/", "nothing/"):
        assert client.get(f"/api/v1/{path}").status_code == 403, path
    assert client.delete("/api/v1/sessions/current/").status_code == 403
