"""Operating points, galleries and comparisons for supervisors. No vector is ever shown; images only behind audited addresses."""

from typing import Any

import cv2
import django_filters
import numpy as np
import numpy.typing as npt
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display

from audit.admin import (
    AuditedModelAdmin,
    Fact,
    ReadOnlyModelAdmin,
    Section,
    Table,
    Tone,
    badge,
    show,
    show_time,
    show_when,
    words,
)
from audit.admin.filters import ChoiceFilter, FromDayFilter, UntilDayFilter
from audit.core.actor import Actor, Role
from biometrics.core.outcomes import Outcome
from biometrics.models import CapturedImage, Comparison, OperatingPoint, Template
from biometrics.services.images import load_image, read_content

# what every browser draws; anything else is sent as JPEG
DRAWN_BY_BROWSERS = ("image/jpeg", "image/png", "image/webp")
PORTRAIT_MARGIN = 0.35
PORTRAIT_HEIGHT = 480
JPEG_QUALITY = 90

OUTCOME_TONES = {
    Outcome.PASS: (Tone.GOOD, "check_circle", "Passed"),
    Outcome.FAIL: (Tone.BAD, "cancel", "Failed"),
    Outcome.UNDETERMINED: (Tone.WARN, "help", "Not checked"),
    Outcome.NOT_APPLICABLE: (Tone.QUIET, "remove", "Not applicable"),
}


def outcome_badge(outcome: str) -> str:
    tone, sign, word = OUTCOME_TONES[Outcome(outcome)]
    return badge(word, tone, sign)


def image_response(image: CapturedImage) -> HttpResponse:
    """Return a captured image as it was sent, or as JPEG where browsers would not draw it."""
    if image.media_type in DRAWN_BY_BROWSERS:
        return _private(read_content(image=image), image.media_type)
    return _jpeg(load_image(image=image))


def face_response(template: Template) -> HttpResponse:
    """Return the face that a template was made of, cut from its image with some room around it."""
    return _jpeg(cut_face(load_image(image=template.image), template.box))


def cut_face(image_bgr: npt.NDArray[Any], box_xyxy: list[float]) -> npt.NDArray[Any]:
    """Return the part of an image around a face, at most 480 pixels high.

    image_bgr: uint8 (H, W, 3). box_xyxy: the face in pixels; clipped to the image.
    """
    height, width = image_bgr.shape[:2]
    x0, y0, x1, y1 = box_xyxy
    room_x, room_y = (x1 - x0) * PORTRAIT_MARGIN, (y1 - y0) * PORTRAIT_MARGIN
    left, right = max(0, int(x0 - room_x)), min(width, int(np.ceil(x1 + room_x)))
    top, bottom = max(0, int(y0 - room_y)), min(height, int(np.ceil(y1 + room_y)))
    if right <= left or bottom <= top:
        return image_bgr
    face = image_bgr[top:bottom, left:right]
    if face.shape[0] > PORTRAIT_HEIGHT:
        scale = PORTRAIT_HEIGHT / face.shape[0]
        face = cv2.resize(face, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return face


def _jpeg(image_bgr: npt.NDArray[Any]) -> HttpResponse:
    done, encoded = cv2.imencode(".jpg", image_bgr, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    if not done:
        raise ValueError("this image cannot be written as JPEG")
    return _private(encoded.tobytes(), "image/jpeg")


def _private(content: bytes, media_type: str) -> HttpResponse:
    """Never kept by browser or proxy, never taken for anything but an image."""
    return HttpResponse(
        content,
        content_type=media_type,
        headers={
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Content-Disposition": "inline",
        },
    )


@admin.register(OperatingPoint)
class OperatingPointAdmin(ReadOnlyModelAdmin):
    page_ordering = ("purpose", "engine", "-version", "id")
    list_display = (
        "purpose",
        "engine",
        "engine_version",
        "threshold",
        "target",
        "version",
        "state_mark",
        "approved_at",
    )
    list_note = "A score at or above the threshold is a match. Each version was proposed by one person and approved by another."

    @display(description="State")
    def state_mark(self, row: OperatingPoint) -> str:
        tones = {"ACTIVE": Tone.GOOD, "PROPOSED": Tone.WARN, "RETIRED": Tone.QUIET}
        return badge(row.get_state_display(), tones[row.state])

    def sections(self, request: HttpRequest, row: OperatingPoint) -> list[Section]:
        return [
            Section(
                row.get_purpose_display(),
                [
                    Fact("Engine", f"{row.engine} {row.engine_version}"),
                    Fact("Threshold", show(row.threshold)),
                    Fact("Error rate aimed at", row.target),
                    Fact("Version", row.version),
                    Fact("State", self.state_mark(row)),
                ],
            ),
            Section(
                "Two persons",
                [
                    Fact("Proposed by", str(row.proposed_by)),
                    Fact("Proposed at", show_time(row.proposed_at)),
                    Fact("Approved by", show(row.approved_by and str(row.approved_by))),
                    Fact("Approved at", show_time(row.approved_at)),
                ],
            ),
            Section("Measurement it rests on", [Fact("Provenance", row.provenance)]),
        ]


class ComparisonFilter(django_filters.FilterSet):
    since = FromDayFilter("at", label="From")
    until = UntilDayFilter("at", label="To")
    kind = ChoiceFilter("kind", label="Kind", choices=Comparison.Kind.choices)
    outcome = ChoiceFilter(
        "outcome", label="Outcome", choices=[(o.value, OUTCOME_TONES[o][2]) for o in Outcome]
    )
    purpose = ChoiceFilter(
        "operating_point__purpose", label="Purpose", choices=OperatingPoint.Purpose.choices
    )


@admin.register(Comparison)
class ComparisonAdmin(AuditedModelAdmin):
    """Scores with the threshold then in force. Searches in watchlists are for list owners: they would tell of silent hits."""

    subject_lookup = "findings__inspection__traveler_id"
    page_ordering = ("-id",)
    port_lookup = "findings__inspection__port_id__in"
    filterset_class = ComparisonFilter
    list_select_related = ("operating_point", "gallery")
    list_display = (
        "at_time",
        "kind",
        "purpose",
        "score_text",
        "threshold_text",
        "outcome_mark",
        "engine",
        "milliseconds",
    )

    def scope(self, rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
        rows = super().scope(rows, actor)
        if actor.has(Role.LIST_OWNER):
            return rows
        return rows.exclude(operating_point__purpose=OperatingPoint.Purpose.WATCHLIST_IDENTIFICATION)

    @display(description="Time")
    def at_time(self, row: Comparison) -> str:
        return show_when(row.at)

    @display(description="Purpose")
    def purpose(self, row: Comparison) -> str:
        return row.operating_point.get_purpose_display()

    @display(description="Score")
    def score_text(self, row: Comparison) -> str:
        return show(row.score) if row.score is not None else "gallery empty"

    @display(description="Threshold")
    def threshold_text(self, row: Comparison) -> str:
        return show(row.threshold)

    @display(description="Outcome")
    def outcome_mark(self, row: Comparison) -> str:
        return outcome_badge(row.outcome)

    @display(description="Engine")
    def engine(self, row: Comparison) -> str:
        return f"{row.operating_point.engine} {row.operating_point.engine_version}"

    @display(description="ms")
    def milliseconds(self, row: Comparison) -> str:
        return f"{row.elapsed_ms:.1f}"

    def sections(self, request: HttpRequest, row: Comparison) -> list[Section]:
        point = row.operating_point
        return [
            Section(
                f"Comparison {row.get_kind_display()}",
                [
                    Fact("Time", show_time(row.at)),
                    Fact("Score", self.score_text(row)),
                    Fact("Threshold", show(row.threshold)),
                    Fact("Outcome", self.outcome_mark(row)),
                    Fact("Milliseconds", self.milliseconds(row)),
                ],
            ),
            Section(
                "Under what",
                [
                    Fact("Operating point", str(point), self.link_to(request, OperatingPoint, point.id)),
                    Fact("Engine", self.engine(row)),
                    Fact(
                        "Gallery",
                        f"{row.gallery} as of version {row.gallery_version}"
                        if row.gallery
                        else "1:1, no gallery",
                    ),
                ],
            ),
            Section(
                "Candidates at or above the threshold",
                table=Table(
                    ("Subject", "Score"),
                    [
                        (words(str(c.get("subject_id", ""))).lower(), show(c.get("score")))
                        for c in row.candidates
                    ],
                    empty="None." if row.gallery_id else "A 1:1 comparison has no candidates.",
                ),
            ),
        ]


from biometrics.admin import accuracy, duplicates, galleries  # noqa: E402, F401 - registers their pages
