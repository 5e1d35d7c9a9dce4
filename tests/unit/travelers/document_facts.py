"""Facts of documents for the checks' tables of cases: a passport read, built, keyed in, declared, unreadable."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from biometrics.core.mrz import CheckDigitVerdict, build_td3
from travelers.core.checks import CheckDigitFact, DocumentFacts, ReadingSource, ReadingStatus, fields_as_read

AT = datetime(2012, 1, 10, 12, tzinfo=UTC)
# Doc 9303-4, appendix B: the worked example of a passport
ERIKSSON = (
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<",
    "L898902C36UTO7408122F1204159ZE184226B<<<<<10",
)
DIGIT_FIELDS = ("document_number", "birth_date", "expiry_date", "optional_data", "composite")
HOLDS = tuple(CheckDigitFact(f, "0", "0", CheckDigitVerdict.HOLDS) for f in DIGIT_FIELDS)


def read(lines: Sequence[str] = ERIKSSON, **changes: object) -> DocumentFacts:
    """Return the facts of a passport read with confidence, specimens being the documents here."""
    elements = fields_as_read(lines, at=AT)
    assert elements is not None
    facts = DocumentFacts(
        source=ReadingSource.MRZ,
        status=ReadingStatus.ACCEPTED,
        layout="TD3",
        lines=tuple(lines),
        check_digits=HOLDS,
        accept_specimens=True,
        **elements,  # type: ignore[arg-type]
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


def passport(**changes: str) -> DocumentFacts:
    """Return the facts of a passport built with these data elements."""
    elements = {
        "document_code": "P",
        "issuing_state": "FRA",
        "primary_identifier": "MARTIN",
        "secondary_identifier": "CHLOE",
        "document_number": "12AB34567",
        "nationality": "FRA",
        "birth_date": "900101",
        "sex": "F",
        "expiry_date": "180101",
    }
    return read(build_td3(**(elements | changes)))


def keyed(**changes: object) -> DocumentFacts:
    facts = DocumentFacts(
        source=ReadingSource.KEYED,
        status=ReadingStatus.ACCEPTED,
        document_code="P",
        issuing_state="FRA",
        document_number="12AB34567",
        primary_identifier="MARTIN",
        secondary_identifier="CHLOÉ",
        nationality="FRA",
        birth_date=date(1990, 1, 1),
        birth_date_raw="900101",
        sex="F",
        expiry_date=date(2018, 1, 1),
        expiry_date_raw="180101",
    )
    return replace(facts, **changes)  # type: ignore[arg-type]


UNREADABLE = DocumentFacts(
    source=ReadingSource.MRZ, status=ReadingStatus.UNREADABLE, reason="no_zone_found", printed={"sex": "F"}
)
DECLARED = keyed(
    source=ReadingSource.DECLARED,
    document_code="",
    issuing_state="",
    document_number="",
    expiry_date=None,
    expiry_date_raw="",
)
NOTHING = DocumentFacts()


def digits(field: str, verdict: CheckDigitVerdict) -> tuple[CheckDigitFact, ...]:
    return tuple(replace(d, verdict=verdict) if d.field == field else d for d in HOLDS)


def printed(**fields: str) -> DocumentFacts:
    """Return the facts of Chloé Martin's passport with these printed fields."""
    return replace(passport(), printed=fields)
