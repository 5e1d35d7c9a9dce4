"""A national system with its client, the persons who let it in, and its terms."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from audit.core.actor import Role
from borders.models import Booth, Crossing, Officer, PartnerProfile, PortOfEntry
from borders.services.partners import Terms, approve_profile, enrol_partner, propose_profile
from tests.db.conftest import ActorOf, make_officer
from tests.db.factories import make_crossing

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
