"""Readings of Anna Maria Eriksson's passport, as the MRZ reader gives them.

Source of the lines: Doc 9303-4, appendix.
"""

from collections.abc import Callable
from datetime import datetime

import pytest

from audit.core.actor import Actor, system_actor
from biometrics.core.mrz import (
    CheckDigitVerdict,
    MrzReading,
    ReadingStatus,
    Repair,
    UnreadableReason,
    build_td3,
    check_digit_findings,
)
from biometrics.core.mrz.layouts import BY_NAME, LayoutName
from biometrics.models import CapturedImage
from travelers.models import DocumentReading
from travelers.services import record_mrz_reading

ERIKSSON = {
    "document_code": "P",
    "issuing_state": "UTO",
    "primary_identifier": "ERIKSSON",
    "secondary_identifier": "ANNA MARIA",
    "document_number": "L898902C3",
    "nationality": "UTO",
    "birth_date": "740812",
    "sex": "F",
    "expiry_date": "320415",
}
MakeReading = Callable[..., MrzReading]
RecordReading = Callable[..., DocumentReading]


def read_lines(
    lines: tuple[str, ...],
    *,
    lines_read: tuple[str, ...] | None = None,
    doubtful: tuple[tuple[int, int], ...] = (),
    repairs: tuple[Repair, ...] = (),
) -> MrzReading:
    """Return what the reader gives for these lines: after repair, and as read."""
    as_read = lines_read or lines
    findings = check_digit_findings(BY_NAME[LayoutName.TD3], as_read, lines, doubtful)
    sure = not repairs and not doubtful and all(f.verdict is CheckDigitVerdict.HOLDS for f in findings)
    return MrzReading(
        status=ReadingStatus.ACCEPTED if sure else ReadingStatus.REVIEW,
        layout=LayoutName.TD3.value,
        lines=lines,
        lines_read=as_read,
        confidences=tuple(tuple(0.99 for _ in line) for line in lines),
        doubtful=doubtful,
        repairs=repairs,
        findings=findings,
        elapsed_ms={"locate": 12.5, "recognise": 4.0},
    )


@pytest.fixture
def make_reading() -> MakeReading:
    """make_reading(**changes): a confident reading of Anna Maria Eriksson's passport with some elements
    changed.
    """

    def make(**changes: str) -> MrzReading:
        return read_lines(build_td3(**(ERIKSSON | changes)))

    return make


@pytest.fixture
def unreadable() -> MrzReading:
    return MrzReading(status=ReadingStatus.UNREADABLE, reason=UnreadableReason.NO_ZONE_FOUND)


@pytest.fixture
def pipeline() -> Actor:
    return system_actor("pipeline")


@pytest.fixture
def make_image(db: None, at: datetime) -> Callable[[], CapturedImage]:
    """make_image(): the row of a page image; its file is not looked at here."""
    made = []

    def make() -> CapturedImage:
        made.append(
            CapturedImage.objects.create(
                kind=CapturedImage.Kind.PAGE,
                key=f"page-{len(made)}",
                sha256=f"{len(made):064x}",
                media_type="image/png",
                byte_count=1000,
                width=1400,
                height=1000,
                captured_at=at,
            )
        )
        return made[-1]

    return make


@pytest.fixture
def record_reading(
    pipeline: Actor, at: datetime, make_image: Callable[[], CapturedImage], make_reading: MakeReading
) -> RecordReading:
    """record_reading(**changes): the stored reading of a passport like Anna Maria Eriksson's."""

    def make(**changes: str) -> DocumentReading:
        return record_mrz_reading(actor=pipeline, at=at, image=make_image(), reading=make_reading(**changes))

    return make
