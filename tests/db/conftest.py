"""The cast and the places of every database test: Utopia, officer Alice, supervisor Bob, and Charlie of another port."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone
from rest_framework.test import APIClient

from audit.core.actor import Actor, Role
from biometrics.models import OperatingPoint
from biometrics.services.engines import load_engine
from biometrics.services.operating_points import approve_operating_point, propose_operating_point
from borders.models import Booth, BoothSession, Country, Officer, PortOfEntry, PostAssignment
from borders.queries import actor_of_session, actor_of_user
from watchlists.core.score import SCORE_ENGINE, SCORE_VERSION

PASSWORD = "correct horse battery staple"
POSTED_SINCE = datetime(2020, 1, 1, tzinfo=UTC)

ActorOf = Callable[..., Actor]
ApiClient = Callable[..., APIClient]


@pytest.fixture(scope="session", autouse=True)
def static_folder() -> None:
    """The folder of collected static files exists, though empty: WhiteNoise warns otherwise, and warnings are errors."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture
def at() -> datetime:
    """The time of an act in tests that do not go through the API, whose clock is the real one."""
    return datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def password() -> str:
    """The password of everybody in the cast."""
    return PASSWORD


@pytest.fixture
def utopia(db: None) -> Country:
    return Country.objects.create(code="UTO", name="Utopia")


@pytest.fixture
def airport(utopia: Country) -> PortOfEntry:
    return PortOfEntry.objects.create(country=utopia, code="UTAIR", name="Utopia Airport", kind="AIR")


@pytest.fixture
def land_post(utopia: Country) -> PortOfEntry:
    return PortOfEntry.objects.create(country=utopia, code="UTLND", name="Utopia Land Post", kind="LAND")


@pytest.fixture
def booth(airport: PortOfEntry) -> Booth:
    """Alice's and Bob's booth, at the airport."""
    return Booth.objects.create(port=airport, code="A1")


@pytest.fixture
def land_booth(land_post: PortOfEntry) -> Booth:
    """Charlie's booth, at the land post."""
    return Booth.objects.create(port=land_post, code="L1")


@pytest.fixture
def alice(airport: PortOfEntry) -> Officer:
    return make_officer("alice", "UT-0001", airport, Role.OFFICER)


@pytest.fixture
def bob(airport: PortOfEntry) -> Officer:
    """Supervisor, second line and list owner at the airport: the second person of every act that needs two."""
    return make_officer("bob", "UT-0002", airport, Role.SUPERVISOR, Role.SECOND_LINE, Role.LIST_OWNER)


@pytest.fixture
def charlie(land_post: PortOfEntry) -> Officer:
    """Everything that Alice and Bob are, at another port: may see nothing of theirs."""
    roles = (Role.OFFICER, Role.SUPERVISOR, Role.SECOND_LINE, Role.LIST_OWNER, Role.PROTECTION)
    return make_officer("charlie", "UT-0003", land_post, *roles)


def make_officer(username: str, badge_number: str, port: PortOfEntry, *roles: Role) -> Officer:
    """Create an account with a service profile and these roles at one port."""
    user = User.objects.create_user(username, password=PASSWORD)
    officer = Officer.objects.create(user=user, badge_number=badge_number)
    for role in roles:
        PostAssignment.objects.create(officer=officer, port=port, role=role, valid_from=POSTED_SINCE)
    return officer


def open_session(officer: Officer, booth: Booth, token: str) -> BoothSession:
    """Sign an officer in at a booth without a password, as of the real clock."""
    now = timezone.now()
    return BoothSession.objects.create(
        officer=officer,
        booth=booth,
        token_sha256=hashlib.sha256(token.encode()).hexdigest(),
        started_at=now,
        expires_at=now + timedelta(hours=settings.BOOTH_SESSION_HOURS),
    )


@pytest.fixture
def actor_of() -> ActorOf:
    """actor_of(officer, booth=None): the actor of an officer, at a booth or in the browser."""

    def actor(officer: Officer, booth: Booth | None = None) -> Actor:
        now = timezone.now()
        if booth is None:
            return actor_of_user(user=officer.user, at=now, origin="127.0.0.1")
        session = BoothSession(officer=officer, booth=booth)
        return actor_of_session(session=session, at=now, origin="127.0.0.1")

    return actor


@pytest.fixture
def api_client(db: None) -> ApiClient:
    """api_client(officer, booth): a client of the REST API with a live token. Each pair gets its own session."""

    def client(officer: Officer, booth: Booth, **options: Any) -> APIClient:
        token = f"token of {officer.badge_number} at {booth.id}"
        digest = hashlib.sha256(token.encode()).hexdigest()
        if not BoothSession.objects.filter(token_sha256=digest).exists():
            open_session(officer, booth, token)
        made = APIClient(**options)
        made.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return made

    return client


@pytest.fixture
def operating_points(alice: Officer, bob: Officer, actor_of: ActorOf) -> dict[str, OperatingPoint]:
    """The thresholds in force by purpose: of both face engines (their keys end in ".dlib" for the second), and of names."""
    wanted = {}
    for name, thresholds in {"sface": (0.378, 0.660, 0.660), "dlib": (0.523, 0.58, 0.58)}.items():
        engine = load_engine(name, network_dir=settings.NETWORK_DIR)
        purposes = ("VERIFICATION", "WATCHLIST_IDENTIFICATION", "CROSSINGS_IDENTIFICATION")
        for purpose, threshold in zip(purposes, thresholds, strict=True):
            wanted[purpose if name == "sface" else f"{purpose}.dlib"] = (
                purpose,
                name,
                engine.version,
                threshold,
            )
    wanted["NAME_SCREENING"] = ("NAME_SCREENING", SCORE_ENGINE, SCORE_VERSION, 12.0)
    now = timezone.now()
    return {
        key: approve_operating_point(
            actor=actor_of(bob),
            at=now,
            operating_point_id=propose_operating_point(
                actor=actor_of(alice),
                at=now,
                purpose=purpose,
                engine=engine_name,
                engine_version=version,
                threshold=threshold,
                target="of the tests",
                provenance="of the tests",
            ).id,
        )
        for key, (purpose, engine_name, version, threshold) in wanted.items()
    }
