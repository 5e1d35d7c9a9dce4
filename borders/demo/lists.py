"""The watchlists of Utopia as data: who and what is sought, by whom, and on what ground."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from borders.demo.cast import MISSING_GIRL_FACE, make_cast
from watchlists.core.birth_dates import BirthDate
from watchlists.core.names import PersonName
from watchlists.core.proposals import ListedDocument, ProposedEntry
from watchlists.core.screening import Action
from watchlists.models import Watchlist

FACES_SOUGHT = (MISSING_GIRL_FACE,)
VALID_FOR = timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True)
class DemoList:
    """One list with the entries of its first version."""

    name: str
    kind: Watchlist.Kind
    owner_unit: str
    legal_basis: str
    entries: tuple[ProposedEntry, ...]


def _day(day: date) -> BirthDate:
    return BirthDate(day.year, day.month, day.day)


def make_lists(*, at: datetime, faces: Mapping[str, UUID]) -> tuple[DemoList, ...]:
    """Return the lists. faces: template of each face of FACES_SOUGHT."""
    cast = make_cast(at.date())
    police, protection, registry = (
        "National Police, tracing unit",
        "Child Protection Office",
        "Passport Office",
    )

    def entry(source_id: str, action: Action, reason: str, unit: str, **sought) -> ProposedEntry:
        return ProposedEntry(
            source_id=source_id,
            action=action,
            reason=reason,
            legal_basis="Border Act of Utopia, section 12",
            owner_unit=unit,
            valid_from=at - timedelta(days=1),
            valid_until=at + VALID_FOR,
            review_by=(at + timedelta(days=365)).date(),
            **sought,
        )

    banned, silent = cast.banned.holder, cast.silent.holder
    return (
        DemoList(
            "Persons sought",
            Watchlist.Kind.PERSON,
            police,
            "Border Act of Utopia, section 12",
            (
                entry(
                    "P-1001",
                    Action.REFUSE_ENTRY,
                    "Entry ban by court order",
                    police,
                    # as another authority transcribed it
                    names=(
                        PersonName("Wolkow", "Alexander"),
                        PersonName("Volkoff", "Sasha", low_quality=True),
                    ),
                    birth_dates=(_day(banned.birth_date),),
                    sex=banned.sex,
                    priority=2,
                ),
                entry(
                    "P-1002",
                    Action.SILENT,
                    "Movement notice",
                    police,
                    names=(PersonName(silent.primary_identifier, silent.secondary_identifier),),
                    birth_dates=(_day(silent.birth_date),),
                    sex=silent.sex,
                    nationalities=(silent.nationality,),
                    priority=1,
                ),
                entry(
                    "P-1003",
                    Action.INQUIRY,
                    "Witness in an open inquiry",
                    police,
                    names=(PersonName("Quillfeather", "Agnes"),),
                    birth_dates=(_day(cast.mother.holder.birth_date.replace(year=1958)),),
                    sex="F",
                ),
                entry(
                    "P-1004",
                    Action.STOP_ARREST,
                    "Arrest warrant",
                    police,
                    names=(PersonName("Ravensmoor", "Leopold"),),
                    birth_dates=(_day(cast.anna.holder.birth_date.replace(year=1963)),),
                    sex="M",
                    priority=1,
                ),
            ),
        ),
        DemoList(
            "Missing children",
            Watchlist.Kind.PERSON,
            protection,
            "Children Act of Utopia, section 4",
            (
                entry(
                    "C-2001",
                    Action.PROTECT,
                    "Missing since the spring; parents informed",
                    protection,
                    names=(PersonName("Ferngrove", "Elin"),),
                    birth_dates=(_day(cast.third_minor.holder.birth_date.replace(day=11)),),
                    sex="F",
                    faces=tuple(faces[face] for face in FACES_SOUGHT),
                    priority=1,
                ),
            ),
        ),
        DemoList(
            "Lost and stolen documents",
            Watchlist.Kind.DOCUMENT,
            registry,
            "Passport Act of Utopia, section 9",
            (
                entry(
                    "D-3001",
                    Action.SEIZE_DOCUMENT,
                    "Reported stolen by the holder",
                    registry,
                    documents=(ListedDocument(cast.stolen.document_number, cast.stolen.issuing_state),),
                    priority=2,
                ),
                entry(
                    "D-3002",
                    Action.SEIZE_DOCUMENT,
                    "Lost in the post",
                    registry,
                    documents=(ListedDocument("U44275983", "UTO"),),
                ),
            ),
        ),
    )
