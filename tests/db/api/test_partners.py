"""National systems: a token by client credentials, the fields and records of their terms, and the end of both at once."""

import base64
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from audit.api.cursors import seal_cursor
from audit.core.actor import Role
from audit.models import AuditEntry
from borders.models import (
    Booth,
    Crossing,
    Disclosure,
    Officer,
    Partner,
    PartnerProfile,
    PortOfEntry,
    ProtectionCase,
)
from borders.services.partners import (
    PartnerRefused,
    Terms,
    approve_profile,
    enrol_partner,
    propose_profile,
    revoke_partner,
)
from tests.db.conftest import ActorOf, make_officer
from tests.db.factories import make_crossing, make_traveler

FIELDS = {"crossing": ("id", "occurred_at", "direction", "port"), "traveler": ("id", "nationality")}


@pytest.fixture
def ines(airport: PortOfEntry) -> Officer:
    return make_officer("ines", "UT-0901", airport, Role.INTEGRATOR)


@pytest.fixture
def dan(airport: PortOfEntry) -> Officer:
    return make_officer("dan", "UT-0902", airport, Role.DATA_PROTECTION)


@pytest.fixture
def terms() -> Terms:
    now = timezone.now()
    return Terms(
        purpose="asylum_procedure",
        legal_basis="Asylum act, 4",
        scopes=("crossings.read", "travelers.read"),
        fields=FIELDS,
        ports=("UTAIR",),
        valid_from=now - timedelta(days=1),
        valid_until=now + timedelta(days=30),
    )


class System:
    """A national system with its client, and the persons who let it in."""

    def __init__(self, ines: Officer, dan: Officer, actor_of: ActorOf, state: str = "XXE", **options: Any):
        self.ines, self.dan, self.actor_of = actor_of(ines), actor_of(dan), actor_of
        self.partner, self.client_id, self.secret = enrol_partner(
            actor=self.ines, at=timezone.now(), code="POLICE", name="Police", state=state, **options
        )

    def agree(self, terms: Terms) -> PartnerProfile:
        now = timezone.now()
        profile = propose_profile(actor=self.ines, at=now, partner_id=self.partner.id, terms=terms)
        return approve_profile(actor=self.dan, at=now, profile_id=profile.id)

    def ask_token(self, scope: str = "", secret: str = "") -> Any:
        sent = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": secret or self.secret,
        }
        return APIClient().post(
            "/api/v1/oauth/token/", sent | ({"scope": scope} if scope else {}), format="multipart"
        )

    def client(self, scope: str = "", **headers: str) -> APIClient:
        client = APIClient(headers=headers or None)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {self.ask_token(scope).json()['access_token']}")
        return client


@pytest.fixture
def system(ines: Officer, dan: Officer, actor_of: ActorOf) -> System:
    return System(ines, dan, actor_of)


@pytest.fixture
def crossing(booth: Booth, alice: Officer) -> Crossing:
    return make_crossing(booth=booth, officer=alice, at=timezone.now())


def test_a_system_reads_the_fields_of_its_terms_and_no_others(
    system: System, terms: Terms, crossing: Crossing
) -> None:
    system.agree(terms)
    client = system.client()
    row = client.get("/api/v1/crossings/").json()["results"][0]
    assert set(row) == set(FIELDS["crossing"])
    assert set(client.get(f"/api/v1/crossings/{crossing.id}/").json()) == set(FIELDS["crossing"])
    assert set(client.get("/api/v1/travelers/").json()["results"][0]) == set(FIELDS["traveler"])


def cursor_of(answer: Any) -> str:
    return parse_qs(urlsplit(answer.json()["next"]).query)["cursor"][0]


@pytest.fixture
def paged(
    system: System, terms: Terms, booth: Booth, alice: Officer
) -> tuple[System, list[Crossing], APIClient]:
    """Three crossings, of which terms show the direction alone."""
    now = timezone.now()
    made = [make_crossing(booth=booth, officer=alice, at=now, number=n) for n in range(3)]
    only = {"crossing": ("direction",), "traveler": ("nationality",)}
    system.agree(replace(terms, fields=only))
    return system, made, system.client()


def test_a_cursor_tells_a_system_nothing_and_leads_through_the_whole_list(
    paged: tuple[System, list[Crossing], APIClient],
) -> None:
    _, made, client = paged
    address, pages = "/api/v1/crossings/?page_size=1", 0
    while address:
        answer = client.get(address)
        assert answer.status_code == 200
        pages, address = pages + 1, answer.json()["next"]
        if address:
            place = base64.urlsafe_b64decode(cursor_of(answer) + "==")
            assert not any(
                c.id.hex.encode() in place
                or c.id.bytes in place
                or c.occurred_at.isoformat().encode() in place
                for c in made
            )
    assert pages == 3


def test_a_cursor_made_by_hand_or_for_another_list_or_system_is_refused(
    paged: tuple[System, list[Crossing], APIClient],
) -> None:
    _, made, client = paged
    by_hand = base64.urlsafe_b64encode(f"{timezone.now().isoformat()}~{made[0].id.hex}".encode()).decode()
    own = cursor_of(client.get("/api/v1/crossings/?page_size=1"))
    of_travelers = cursor_of(client.get("/api/v1/travelers/?page_size=1"))
    foreign = base64.urlsafe_b64encode(
        seal_cursor(
            f"{timezone.now().isoformat()}~{made[0].id.hex}".encode(), belonging="OTHER\0CrossingViewSet"
        )
    ).decode()
    bent = own[:20] + ("A" if own[20] != "A" else "B") + own[21:]
    for cursor in (by_hand.rstrip("="), of_travelers, foreign.rstrip("="), bent, own[:8], "AAAA"):
        answer = client.get(f"/api/v1/crossings/?cursor={cursor}")
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor_invalid")


def test_every_person_in_an_answer_is_entered_into_the_register_of_disclosures(
    system: System, terms: Terms, booth: Booth, alice: Officer, dan: Officer, actor_of: ActorOf
) -> None:
    system.agree(terms)
    now = timezone.now()
    made = [make_crossing(booth=booth, officer=alice, at=now, number=n) for n in range(3)]
    client = system.client()
    with CaptureQueriesContext(connection) as asked:
        client.get("/api/v1/crossings/")
    assert sum("INSERT INTO borders_disclosure" in q["sql"] for q in asked.captured_queries) == 1
    rows = Disclosure.objects.order_by("given_at")
    assert {row.traveler_id for row in rows} == {c.traveler_id for c in made}
    assert {
        (r.recipient, r.purpose, r.legal_basis, r.given_by, r.reference, tuple(r.fields)) for r in rows
    } == {
        (
            "POLICE",
            "asylum_procedure",
            "Asylum act, 4",
            "partner:POLICE",
            "POLICE terms 1",
            tuple(f"crossing.{name}" for name in sorted(FIELDS["crossing"])),
        )
    }
    client.get(f"/api/v1/travelers/{made[0].traveler_id}/")
    assert Disclosure.objects.filter(traveler_id=made[0].traveler_id).count() == 2


def test_what_an_officer_reads_is_no_disclosure(
    as_bob: APIClient, booth: Booth, alice: Officer, at: datetime
) -> None:
    make_crossing(booth=booth, officer=alice, at=at)
    assert as_bob.get("/api/v1/crossings/").json()["results"]
    assert not Disclosure.objects.exists()


def test_every_answer_leaves_a_row_with_the_system_its_purpose_and_the_fields(
    system: System, terms: Terms, crossing: Crossing
) -> None:
    system.agree(terms)
    system.client().get("/api/v1/crossings/")
    row = AuditEntry.objects.get(action="crossing.listed")
    assert (row.actor_label, row.purpose) == ("partner:POLICE", "asylum_procedure")
    assert row.detail["fields"] == sorted(FIELDS["crossing"])
    assert row.fields == sorted(FIELDS["crossing"])  # and not all that the answer could hold
    assert row.detail["profile"] == 1
    assert AuditEntry.objects.filter(action="partner.token_given", actor_label="partner:POLICE").exists()


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


def test_records_of_other_ports_are_as_if_absent(
    system: System, terms: Terms, crossing: Crossing, land_booth: Booth, charlie: Officer
) -> None:
    other = make_crossing(booth=land_booth, officer=charlie, at=timezone.now(), number=1)
    system.agree(terms)
    client = system.client()
    assert [r["id"] for r in client.get("/api/v1/crossings/").json()["results"]] == [str(crossing.id)]
    absent = client.get(f"/api/v1/crossings/{system.partner.id}/")
    assert client.get(f"/api/v1/crossings/{other.id}/").content == absent.content


def test_a_country_in_the_terms_means_all_its_ports(
    system: System, terms: Terms, crossing: Crossing, land_booth: Booth, charlie: Officer
) -> None:
    make_crossing(booth=land_booth, officer=charlie, at=timezone.now(), number=1)
    system.agree(replace(terms, ports=(), countries=("UTO",)))
    assert len(system.client().get("/api/v1/crossings/").json()["results"]) == 2


def test_records_older_than_the_terms_say_are_as_if_absent(
    system: System, terms: Terms, crossing: Crossing, booth: Booth, alice: Officer
) -> None:
    old = make_crossing(booth=booth, officer=alice, at=timezone.now() - timedelta(days=10), number=1)
    system.agree(replace(terms, days_back=7))
    client = system.client()
    assert [r["id"] for r in client.get("/api/v1/crossings/").json()["results"]] == [str(crossing.id)]
    assert client.get(f"/api/v1/crossings/{old.id}/").status_code == 404


def test_only_the_state_s_own_nationals_where_the_terms_say_so(
    ines: Officer,
    dan: Officer,
    actor_of: ActorOf,
    terms: Terms,
    crossing: Crossing,
    booth: Booth,
    alice: Officer,
) -> None:
    system = System(ines, dan, actor_of, state="XXE")
    own = make_traveler(at=timezone.now(), number=2, nationality="XXE")
    theirs = make_crossing(booth=booth, officer=alice, at=timezone.now(), number=2, traveler=own)
    system.agree(replace(terms, nationals_only=True))
    client = system.client()
    assert [r["id"] for r in client.get("/api/v1/crossings/").json()["results"]] == [str(theirs.id)]
    assert [r["id"] for r in client.get("/api/v1/travelers/").json()["results"]] == [str(own.id)]


@pytest.mark.parametrize(("state", "seen"), [("UTO", 0), ("XXE", 1)])
def test_a_person_who_asked_for_protection_is_kept_from_the_state_of_origin(
    ines: Officer, dan: Officer, actor_of: ActorOf, terms: Terms, crossing: Crossing, state: str, seen: int
) -> None:
    ProtectionCase.objects.create(
        inspection=crossing.inspection, cause="CLAIM", opened_at=timezone.now(), opened_by=None
    )
    system = System(ines, dan, actor_of, state=state)
    system.agree(terms)
    client = system.client()
    assert len(client.get("/api/v1/crossings/").json()["results"]) == seen
    assert len(client.get("/api/v1/travelers/").json()["results"]) == seen
    assert client.get(f"/api/v1/crossings/{crossing.id}/").status_code == (200 if seen else 404)


def test_a_system_may_not_find_out_by_a_filter_what_it_may_not_see(
    system: System, terms: Terms, crossing: Crossing
) -> None:
    system.agree(terms)
    client = system.client()
    asked = client.get("/api/v1/crossings/", {"traveler_id": str(crossing.traveler_id)})
    assert (asked.status_code, asked.json()["code"]) == (400, "unknown_parameter")
    assert client.get("/api/v1/crossings/", {"direction": "ENTRY"}).status_code == 200


def test_requests_beyond_the_rate_are_told_to_wait(system: System, terms: Terms, crossing: Crossing) -> None:
    system.agree(replace(terms, requests_per_minute=3))
    client = system.client()
    answers = [client.get("/api/v1/crossings/") for _ in range(5)]
    if len({a.json().get("code") for a in answers}) == 1:  # the minute changed between them
        answers = [client.get("/api/v1/crossings/") for _ in range(5)]
    assert answers[-1].status_code == 429
    assert answers[-1].json()["code"] == "rate_limited"
    assert 0 < int(answers[-1]["Retry-After"]) <= 60


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


def test_persons_acts_are_closed_to_systems(system: System, terms: Terms, crossing: Crossing) -> None:
    system.agree(terms)
    client = system.client()
    for path in ("inspections/", "hits/", "watchlists/", "referrals/", "schema/", "nothing/"):
        assert client.get(f"/api/v1/{path}").status_code == 403, path
    assert client.delete("/api/v1/sessions/current/").status_code == 403


def test_a_system_sends_a_manifest(system: System, terms: Terms, airport: PortOfEntry) -> None:
    system.agree(replace(terms, scopes=("manifests.send",), fields={}))
    answer = system.client().post("/api/v1/manifests/", {"port": "UTAIR"})
    assert answer.status_code == 400
    assert answer.json()["code"] != "permission_denied"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"scopes": ("everything",)}, "unknown_scope"),
        ({"scopes": ()}, "required"),
        ({"fields": {}}, "required"),
        ({"fields": {**FIELDS, "hit": ("id",)}}, "unknown_kind"),
        ({"ports": ("XXXXX",)}, "unknown_port"),
        ({"ports": ()}, "required"),
        ({"countries": ("XXX",)}, "unknown_country"),
        ({"lists": ("No such list",)}, "required"),
        ({"requests_per_minute": 0}, "bad_rate"),
        ({"days_back": 0}, "bad_period"),
        ({"legal_basis": " "}, "required"),
    ],
)
def test_terms_that_say_nothing_sensible_are_refused(
    system: System, terms: Terms, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(PartnerRefused, match=code):
        propose_profile(
            actor=system.ines,
            at=timezone.now(),
            partner_id=system.partner.id,
            terms=replace(terms, **changes),
        )


def test_agreed_terms_cannot_be_rewritten_by_sql(system: System, terms: Terms) -> None:
    profile = system.agree(terms)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        PartnerProfile.objects.filter(id=profile.id).update(requests_per_minute=9)
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        Partner.objects.filter(id=system.partner.id).delete()
