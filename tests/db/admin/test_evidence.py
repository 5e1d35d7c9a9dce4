"""The evidence of an inspection: whole, scoped, audited; images behind the same door; silent hits for list owners only."""

from datetime import datetime
from typing import Any

import numpy as np
import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry, new_id
from biometrics.admin import cut_face
from borders.models import Booth, Crossing, Inspection, Officer
from tests.db.admin.conftest import DESK_QUERIES
from tests.db.factories import (
    make_comparison,
    make_crossing,
    make_decision,
    make_entry,
    make_finding,
    make_hit,
    make_image,
    make_inspection,
    make_operating_point,
    make_reading,
    make_referral,
    make_stay,
    make_step,
    make_template,
    make_traveler,
)
from watchlists.admin.versions import version_changes
from watchlists.models import VersionEntry, WatchlistEntry, WatchlistVersion

LINES = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F3204159ZE184226B<<<<<10"]


@pytest.fixture
def crossing(booth: Booth, alice: Officer, bob: Officer, at: datetime) -> Crossing:
    """An override with everything that a page can hold: images, score, doubtful characters, findings, referral, stay."""
    page = make_image(at=at, kind="PAGE", width=600, height=420)
    face = make_image(at=at, kind="FACE")
    portrait, live = make_template(image=page, at=at), make_template(image=face, at=at)
    traveler = make_traveler(at=at)
    reading = make_reading(
        traveler=traveler,
        at=at,
        image=page,
        status="REVIEW",
        reason="doubtful_characters",
        lines=LINES,
        lines_read=LINES,
        doubtful=[[1, 3]],
        repairs=[{"line": 1, "position": 13, "read": "T", "repaired": "7"}],
        check_digits=[{"field": "document_number", "printed": "6", "computed": "6", "verdict": "holds"}],
    )
    made = make_crossing(
        booth=booth,
        officer=alice,
        at=at,
        traveler=traveler,
        reading=reading,
        page_image=page,
        face_image=face,
        portrait_template=portrait,
        live_template=live,
        advice="REFER",
        printed={"birth_date": "1974-08-13"},
    )
    point = make_operating_point(proposed_by=alice, approved_by=bob, at=at)
    verified = make_comparison(probe=live, reference=portrait, point=point, at=at)
    make_finding(
        inspection=made.inspection, code="FACE.HOLDER", outcome="PASS", severity="BLOCK", comparison=verified
    )
    make_finding(
        inspection=made.inspection,
        code="STAY.OVERSTAY",
        reason="overstayed",
        detail={"days": 12},
        step="CHECK_RECORD",
    )
    make_step(inspection=made.inspection)
    make_step(inspection=made.inspection, step="SCREEN", state="FAILED", code="timeout")
    make_referral(inspection=made.inspection, officer=alice)
    make_decision(
        inspection=made.inspection,
        officer=bob,
        line="SECOND",
        override=True,
        reason="Visa extended in person",
    )
    make_stay(crossing=made)
    return made


def page_of(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=(row.pk,))


def image_of(inspection: Inspection, kind: str) -> str:
    return reverse("admin:borders_inspection_image", args=(inspection.id, kind))


def test_crossing_shows_its_evidence(bobs_browser: Client, crossing: Crossing) -> None:
    shown = bobs_browser.get(page_of(crossing)).content.decode()
    for text in (
        "ERIKSSON, ANNA MARIA",
        "The traveller leaves within the stay allowed.",
        "Overstayed",
        "0.710",
        "0.360",
        "1 doubtful character",
        "check digit holds",
        "differs",
        "Visa extended in person",
        "Not everything was checked. Screen: Timeout",
        "open since 2026-11-20",
        image_of(crossing.inspection, "portrait"),
    ):
        assert text in shown


@pytest.mark.parametrize("kind", ["crossing", "inspection", "decision", "referral"])
def test_same_evidence_opens_from_each_list(bobs_browser: Client, crossing: Crossing, kind: str) -> None:
    inspection = crossing.inspection
    row = {
        "crossing": crossing,
        "inspection": inspection,
        "decision": inspection.decisions.first(),
        "referral": inspection.referrals.get(),
    }[kind]
    assert bobs_browser.get(page_of(row)).context["evidence"].inspection == inspection


def test_inspection_that_is_not_done_opens_too(
    bobs_browser: Client, booth: Booth, alice: Officer, at: datetime
) -> None:
    bare = make_inspection(booth=booth, officer=alice, at=at, state="RECEIVED", advice="", traveler=None)
    Inspection.objects.filter(id=bare.id).update(reading=None, traveler=None, ready_at=None)
    response = bobs_browser.get(page_of(bare))
    assert response.status_code == 200
    assert "Nothing has been checked yet." in response.content.decode()


def test_evidence_of_another_port_is_not_found(charlies_browser: Client, crossing: Crossing) -> None:
    for row in (
        crossing,
        crossing.inspection,
        crossing.traveler,
        crossing.document,
        crossing.inspection.reading,
    ):
        assert charlies_browser.get(page_of(row)).status_code == 404


def test_strange_ids_are_not_found(bobs_browser: Client) -> None:
    for strange in ("x", "0", "00000000-0000-0000-0000-000000000000", "%00"):
        assert bobs_browser.get(f"/admin/borders/crossing/{strange}/change/").status_code == 404


def test_look_at_a_crossing_is_recorded_for_it_and_for_its_inspection(
    bobs_browser: Client, crossing: Crossing
) -> None:
    bobs_browser.get(page_of(crossing))
    looked = AuditEntry.objects.filter(kind="READ").values_list("object_type", "object_id")
    assert set(looked) == {("crossing", str(crossing.id)), ("inspection", str(crossing.inspection_id))}


def test_evidence_is_not_shown_when_its_audit_row_cannot_be_written(
    bobs_browser: Client, crossing: Crossing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(**values: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(AuditEntry.objects, "create", fail)
    for url in (page_of(crossing), image_of(crossing.inspection, "face")):
        with pytest.raises(DatabaseError):
            bobs_browser.get(url)


def test_evidence_is_never_kept_by_a_browser(bobs_browser: Client, crossing: Crossing) -> None:
    kept = bobs_browser.get(page_of(crossing))["Cache-Control"]
    assert {"private", "no-store"} <= set(kept.split(", "))


def test_evidence_page_costs_a_fixed_number_of_queries(
    bobs_browser: Client, crossing: Crossing, django_assert_num_queries: Any
) -> None:
    for n in range(5):
        make_finding(inspection=crossing.inspection, code=f"DOC.{n}")
    with django_assert_num_queries(19 + DESK_QUERIES):
        bobs_browser.get(page_of(crossing))


@pytest.mark.parametrize("kind", ["page", "face", "portrait"])
def test_image_is_shown_privately_and_recorded(bobs_browser: Client, crossing: Crossing, kind: str) -> None:
    response = bobs_browser.get(image_of(crossing.inspection, kind))
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))
    assert response["X-Content-Type-Options"] == "nosniff"
    entry = AuditEntry.objects.get(action="inspection.image_read")
    assert entry.detail["kind"] == kind


def test_image_of_another_port_is_not_found(charlies_browser: Client, crossing: Crossing) -> None:
    assert charlies_browser.get(image_of(crossing.inspection, "face")).status_code == 404


def test_image_is_refused_without_a_role(sign_in, alice: Officer, crossing: Crossing) -> None:
    assert sign_in(alice).get(image_of(crossing.inspection, "face")).status_code == 403


def test_unknown_kind_of_image_is_not_found(bobs_browser: Client, crossing: Crossing) -> None:
    assert bobs_browser.get(image_of(crossing.inspection, "vector")).status_code == 404


@pytest.mark.parametrize(
    ("box", "shape"),
    [
        ([30, 40, 90, 110], (120, 102, 3)),
        ([-50, -50, 20, 20], (45, 45, 3)),
        ([500, 500, 600, 600], (200, 150, 3)),
        ([10, 10, 10, 10], (200, 150, 3)),
    ],
)
def test_portrait_is_cut_with_room_and_within_the_page(box: list[float], shape: tuple[int, ...]) -> None:
    assert cut_face(np.zeros((200, 150, 3), np.uint8), box).shape == shape


# silent hits


@pytest.fixture
def silent_hit(crossing: Crossing, alice: Officer, bob: Officer, at: datetime) -> Any:
    entry = make_entry(proposed_by=alice, approved_by=bob, at=at, action="SILENT", source_id="S-77")
    return make_hit(inspection=crossing.inspection, entry=entry, at=at, silent=True)


def test_list_owner_sees_a_silent_hit(bobs_browser: Client, crossing: Crossing, silent_hit: Any) -> None:
    assert "S-77" in bobs_browser.get(page_of(crossing)).content.decode()
    assert bobs_browser.get(page_of(silent_hit)).status_code == 200
    assert "Owner only, never at the booth" in bobs_browser.get(page_of(silent_hit)).content.decode()


def test_supervisor_who_owns_no_list_sees_no_trace_of_a_silent_hit(
    sign_in,
    crossing: Crossing,
    silent_hit: Any,
    plain_supervisor: Officer,
    bob: Officer,
    alice: Officer,
    at: datetime,
) -> None:
    probe = crossing.inspection.live_template
    point = make_operating_point(
        proposed_by=alice, approved_by=bob, at=at, purpose="WATCHLIST_IDENTIFICATION", threshold=0.4
    )
    searched = make_comparison(probe=probe, point=point, at=at)
    make_finding(inspection=crossing.inspection, code="WATCHLIST.FACE", comparison=searched, outcome="PASS")
    AuditEntry.objects.create(
        kind="WRITE", at=at, action="screening.made", actor_label="system", purpose="x",
        object_type="screening", object_id=str(silent_hit.screening_id), detail={"hits": 1},
    )  # fmt: skip
    browser = sign_in(plain_supervisor)
    for url in (
        page_of(crossing),
        page_of(crossing.inspection),
        reverse("admin:watchlists_hit_changelist"),
        reverse("admin:watchlists_watchlistentry_changelist"),
        reverse("admin:audit_auditentry_changelist"),
        reverse("admin:biometrics_comparison_changelist"),
    ):
        shown = browser.get(url).content.decode()
        assert "S-77" not in shown
        assert "screening.made" not in shown
        assert str(searched.id) not in shown
    assert browser.get(page_of(silent_hit)).status_code == 404
    assert browser.get(page_of(silent_hit.entry)).status_code == 404
    assert browser.get(page_of(searched)).status_code == 404


def test_hit_explains_its_bits_in_words(
    bobs_browser: Client, crossing: Crossing, alice: Officer, bob: Officer, at: datetime
) -> None:
    entry = make_entry(proposed_by=alice, approved_by=bob, at=at)
    shown = bobs_browser.get(
        page_of(make_hit(inspection=crossing.inspection, entry=entry, at=at))
    ).content.decode()
    assert "strong: 630 times likelier for the person sought" in shown
    assert "against: 2.3 times likelier for somebody else" in shown


# the other pages


def test_every_detail_page_opens(
    bobs_browser: Client, crossing: Crossing, alice: Officer, bob: Officer, at: datetime
) -> None:
    entry = make_entry(proposed_by=alice, approved_by=bob, at=at)
    hit = make_hit(inspection=crossing.inspection, entry=entry, at=at)
    comparison = crossing.inspection.findings.get(code="FACE.HOLDER").comparison
    for row in (
        hit,
        entry,
        entry.version,
        entry.version.watchlist,
        crossing.traveler,
        crossing.document,
        crossing.inspection.reading,
        comparison,
        comparison.operating_point,
        crossing.port,
        crossing.port.country,
        crossing.booth,
        alice,
        alice.assignments.first(),
        crossing.traveler.stays.get(),
    ):
        assert bobs_browser.get(page_of(row)).status_code == 200, row._meta.label
    looked = AuditEntry.objects.filter(kind="READ").latest("at")
    assert bobs_browser.get(page_of(looked)).status_code == 200


def test_version_is_counted_against_the_one_before(
    bobs_browser: Client, alice: Officer, bob: Officer, at: datetime
) -> None:
    for source_id in ("kept", "gone", "changed"):
        first = make_entry(proposed_by=alice, approved_by=bob, at=at, source_id=source_id).version
    second = WatchlistVersion.objects.create(
        watchlist=first.watchlist, number=2, sha256="1" * 64, proposed_by=alice.user, proposed_at=at
    )
    for source_id, change in {"kept": {}, "changed": {"priority": 1}, "new": {}}.items():
        values = WatchlistEntry.objects.filter(version=first).values().first()
        if change == {} and source_id == "kept":
            kept = WatchlistEntry.objects.get(version=first, source_id="kept")
            VersionEntry.objects.create(version=second, entry=kept)
            continue
        made = WatchlistEntry.objects.create(
            **{**values, "id": new_id(), "version_id": second.id, "source_id": source_id, **change}
        )
        VersionEntry.objects.create(version=second, entry=made)
    assert version_changes(second) == {"added": 1, "removed": 1, "changed": 1, "kept": 1}
