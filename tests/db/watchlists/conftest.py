"""Lists proposed by Bob and activated by Dora, and readings to screen against them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from audit.core.actor import Actor, Role
from audit.models import new_id
from biometrics.models import (
    CapturedImage,
    Comparison,
    Gallery,
    OperatingPoint,
    Template,
)
from biometrics.services.operating_points import approve_operating_point, propose_operating_point
from borders.models import Officer, PortOfEntry
from tests.db.conftest import make_officer
from travelers.models import DocumentReading
from watchlists.core.birth_dates import BirthDate
from watchlists.core.exceptions import Presented
from watchlists.core.names import PersonName
from watchlists.core.proposals import ProposedEntry
from watchlists.core.score import SCORE_ENGINE, SCORE_VERSION
from watchlists.core.screening import Action
from watchlists.models import Watchlist, WatchlistVersion
from watchlists.services import ScreeningResult, activate_version, create_watchlist, propose_version, screen

THRESHOLD = 20.0
SHA256 = "ab" * 32

ENTRY = ProposedEntry(
    source_id="UT-1",
    action=Action.STOP_ARREST,
    reason="Warrant",
    legal_basis="Utopian Border Act, section 7",
    owner_unit="National Police",
    valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    valid_until=datetime(2027, 1, 1, tzinfo=UTC),
    review_by=date(2026, 12, 1),
    names=(PersonName("Svensson", "Brita"),),
    birth_dates=(BirthDate(1980, 2, 29),),
)

MakeList = Callable[..., WatchlistVersion]
Screen = Callable[..., ScreeningResult]


def entry(**changes: object) -> ProposedEntry:
    return replace(ENTRY, **changes)  # type: ignore[arg-type]


@pytest.fixture
def dora(airport: PortOfEntry) -> Officer:
    """The second list owner and adjudicator at the airport."""
    return make_officer("dora", "UT-0004", airport, Role.LIST_OWNER, Role.SECOND_LINE)


@pytest.fixture
def owner(bob: Officer, actor_of) -> Actor:
    return actor_of(bob)


@pytest.fixture
def second(dora: Officer, actor_of) -> Actor:
    return actor_of(dora)


@pytest.fixture
def threshold(owner: Actor, second: Actor, at: datetime) -> OperatingPoint:
    point = propose_operating_point(
        actor=owner,
        at=at,
        purpose=OperatingPoint.Purpose.NAME_SCREENING,
        engine=SCORE_ENGINE,
        engine_version=SCORE_VERSION,
        threshold=THRESHOLD,
        target="of the tests",
        provenance="of the tests",
    )
    return approve_operating_point(actor=second, at=at, operating_point_id=point.id)


@pytest.fixture
def watchlist(owner: Actor, at: datetime) -> Watchlist:
    return create_watchlist(
        actor=owner,
        at=at,
        name="Sought persons",
        kind=Watchlist.Kind.PERSON,
        owner_unit="National Police",
        legal_basis="Utopian Border Act, section 7",
    )


@pytest.fixture
def propose(owner: Actor, at: datetime, watchlist: Watchlist) -> MakeList:
    """propose(*entries): a proposed version of the list."""

    def make(*entries: ProposedEntry) -> WatchlistVersion:
        return propose_version(actor=owner, at=at, watchlist=watchlist, entries=entries, sha256=SHA256)

    return make


@pytest.fixture
def activate(propose: MakeList, second: Actor, at: datetime, threshold: OperatingPoint) -> MakeList:
    """activate(*entries): an active version of the list."""

    def make(*entries: ProposedEntry) -> WatchlistVersion:
        return activate_version(actor=second, at=at, version_id=propose(*entries).id)

    return make


@pytest.fixture
def make_reading(db: None, at: datetime) -> Callable[..., DocumentReading]:
    """make_reading(**changes): an accepted reading of Brita Svensson's passport with some elements changed."""

    def make(**changes: object) -> DocumentReading:
        elements = {
            "source": "MRZ",
            "status": "ACCEPTED",
            "layout": "TD3",
            "document_code": "P",
            "issuing_state": "UTO",
            "document_number": "P12345678",
            "primary_identifier": "SVENSSON",
            "secondary_identifier": "BRITA",
            "nationality": "UTO",
            "birth_date": date(1980, 2, 29),
            "birth_date_raw": "800229",
            "sex": "F",
            "read_at": at,
        }
        return DocumentReading.objects.create(**(elements | changes))

    return make


@pytest.fixture
def screen_reading(owner: Actor, at: datetime, airport: PortOfEntry) -> Screen:
    """screen_reading(reading, face=None, corrected=None): screen it at the airport."""

    def make(
        reading: DocumentReading | None, face: Comparison | None = None, corrected: Presented | None = None
    ) -> ScreeningResult:
        return screen(
            actor=owner,
            at=at,
            inspection_id=new_id(),
            port_id=airport.id,
            reading=reading,
            face=face,
            corrected=corrected,
        )

    return make


@pytest.fixture
def make_template(db: None, at: datetime) -> Callable[[], Template]:
    def make() -> Template:
        image = CapturedImage.objects.create(
            kind=CapturedImage.Kind.FACE,
            key=new_id().hex,
            sha256="0" * 64,
            media_type="image/png",
            byte_count=1,
            width=100,
            height=100,
            captured_at=at,
        )
        return Template.objects.create(
            image=image,
            engine="sface",
            engine_version="1",
            vector=b"\0\0\x80?" + b"\0" * 4,
            dimension=2,
            face_count=1,
            box=[0, 0, 1, 1],
            created_at=at,
        )

    return make


@pytest.fixture
def compare_face(threshold: OperatingPoint, make_template, at: datetime) -> Callable[..., Comparison]:
    """compare_face(subject_ids): the answer of the watchlist gallery with these candidates."""

    def make(subject_ids: Sequence[object] = (), outcome: str | None = None) -> Comparison:
        gallery, _ = Gallery.objects.get_or_create(name="watchlist", engine="sface", engine_version="1")
        return Comparison.objects.create(
            kind=Comparison.Kind.IDENTIFICATION,
            probe=make_template(),
            gallery=gallery,
            gallery_version=gallery.version,
            operating_point=threshold,
            threshold=0.4,
            score=0.9 if subject_ids else None,
            candidates=[{"subject_id": str(i), "score": 0.9} for i in subject_ids],
            outcome=outcome or ("FAIL" if subject_ids else "PASS"),
            elapsed_ms=1.0,
            at=at,
        )

    return make
