"""What the record knows of a traveller's and a document's past, as the rules see it."""

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Post:
    """A place of crossing. code: UN/LOCODE. latitude, longitude: degrees, None where nobody has entered them."""

    code: str
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True, slots=True)
class PastCrossing:
    """One recorded crossing. occurred_at: aware UTC. document, party: their ids, "" without."""

    occurred_at: datetime
    entering: bool
    post: Post
    document: str = ""
    party: str = ""


@dataclass(frozen=True, slots=True)
class Companion:
    """A minor who crossed in the same party at an earlier time. left_at: their latest exit, None: none since.

    birth_date None: unknown.
    """

    traveler: str
    primary_identifier: str
    birth_date: date | None
    party: str
    crossed_at: datetime
    entering: bool
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The past of one traveller, newest first, as far as the rules look back.

    crossings: of the traveller. document_crossings: of the document, whoever carried it. document_in_use_at: posts at
    which other inspections with this document are open now. other_documents: documents of people of the same names
    and birth date that crossed, with the day. companions: of the traveller's own parties. lost_reports: of documents
    of this holder.
    """

    crossings: tuple[PastCrossing, ...] = ()
    document_crossings: tuple[PastCrossing, ...] = ()
    document_in_use_at: tuple[str, ...] = ()
    other_documents: tuple[tuple[str, datetime], ...] = ()
    companions: tuple[Companion, ...] = field(default=())
    lost_reports: int = 0
