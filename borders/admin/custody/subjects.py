"""Data subjects: somebody asks what is kept of them, or to be erased. Found by number or name only, never listed."""

import os
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import admin
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from unfold.decorators import display

from audit.admin import AuditedModelAdmin, Fact, Section, Table, show, show_time, words
from audit.core.actor import Role
from audit.models import new_id
from borders.admin.custody.words import words_of
from borders.core.retention import file_due
from borders.models import DataSubject, Disclosure, Erasure, LegalHold, RetentionFile
from borders.services.custody import (
    ErasureRefused,
    RetentionRefused,
    SubjectUnknown,
    export_subject,
    fields_told,
    mark_family,
    periods_in_force,
    place_hold,
    propose_erasure,
)
from borders.services.custody.due import facts_of
from borders.services.custody.scope import NOBODY_ID
from travelers.admin.documents import document_term, traveler_term
from travelers.models import TravelDocument
from watchlists.admin.acts import Act, ActingAdmin, Choice, Refused

REVIEWS = {"90": "In 3 months", "180": "In 6 months", "365": "In a year"}
EXPORT_HOURS = 24


@admin.register(DataSubject)
class DataSubjectAdmin(AuditedModelAdmin, ActingAdmin):
    subject_lookup = "id"
    read_roles = frozenset({Role.DATA_PROTECTION})
    object_type = "traveler"
    page_ordering = ("-id",)
    list_display = ("name", "birth_date", "nationality")
    shown_beside = (
        *("retention_file.family", "retention_file.family_basis"),
        *("legal_hold.authority", "legal_hold.placed_at", "legal_hold.review_on", "legal_hold.lifted_at"),
        *("disclosure.given_at", "disclosure.recipient", "disclosure.purpose", "disclosure.legal_basis"),
        *("disclosure.fields", "erasure.erased_at", "erasure.subject", "erasure.retention"),
    )
    find_label = "Document number or name of who asks"
    list_note = "Nobody is listed: find the person who asks, by document number or name."
    detail_template = "admin/watchlists/acting.html"

    def find(self, term: str) -> Q:
        number = document_term(term)
        if number:
            return Q(id__in=TravelDocument.objects.filter(document_number=number).values("traveler_id"))
        return traveler_term(term)

    def get_queryset(self, request: HttpRequest) -> QuerySet[DataSubject]:
        rows = super().get_queryset(request).exclude(id=NOBODY_ID)
        is_list = request.resolver_match is not None and request.resolver_match.url_name.endswith(
            ("_changelist", "_export")
        )
        return rows.none() if is_list and not self.get_find_term(request) else rows

    @display(description="Name")
    def name(self, row: DataSubject) -> str:
        return str(row)

    def sections(self, request: HttpRequest, row: DataSubject) -> list[Section]:
        due = file_due(facts_of(row), periods=periods_in_force())
        mark = RetentionFile.objects.filter(traveler_id=row.id).first()
        holds = LegalHold.objects.filter(traveler_id=row.id).order_by("-placed_at")
        given = Disclosure.objects.filter(traveler_id=row.id).order_by("-given_at")[:50]
        register = reverse("admin:borders_disclosure_changelist")
        erased = Erasure.objects.filter(subject_id=row.id).order_by("-erased_at")[:50]
        return [
            Section(
                str(row),
                [
                    Fact("Birth date", show(row.birth_date or row.birth_date_raw)),
                    Fact("Nationality", show(row.nationality)),
                    Fact("Kept until", show_time(due.at)),
                    Fact("Under the class", due.code.replace("_", " ").capitalize()),
                    Fact("Family member", f"Yes: {mark.family_basis}" if mark and mark.family else "No"),
                ],
                note="Enough to know whether it is who asks. Cases are read by who works on them.",
            ),
            Section(
                "Legal holds",
                table=Table(
                    ("Authority", "Placed", "Review on", "Lifted"),
                    [
                        (
                            Fact("", h.authority, self.link_to(request, LegalHold, h.id)),
                            show_time(h.placed_at),
                            show(h.review_on),
                            show_time(h.lifted_at),
                        )
                        for h in holds
                    ],
                ),
            ),
            Section(
                "Given to others",
                [Fact("All of them", "in the register", f"{register}?subject={row.id}")],
                table=Table(
                    ("When", "To", "Purpose", "Legal basis", "Fields"),
                    [
                        (show_time(d.given_at), d.recipient, words(d.purpose), d.legal_basis, show(d.fields))
                        for d in given
                    ],
                ),
            ),
            Section(
                "Erased before",
                table=Table(
                    ("When", "What", "Class"),
                    [(show_time(e.erased_at), e.get_subject_display(), show(e.retention)) for e in erased],
                ),
            ),
        ]

    def acts(self, request: HttpRequest, row: DataSubject) -> Sequence[Act]:
        reviews = tuple(Choice(value, label) for value, label in REVIEWS.items())
        return (
            Act("export", "Give the whole record", "Make the file",
                "An encrypted zip with every row and image. The passphrase is shown once: tell it another way than the file.",
                reason="File number of the request", reason_required=True, sign="folder_zip"),
            Act("hold", "Legal hold", "Place the hold", "Nothing of this person is erased until another officer lifts it.",
                main=False, reason="Authority: why (no names)", reason_required=True, choices=reviews, sign="lock"),
            Act("family", "Family member (Article 34 (4))", "Set", "The records are then erased a year after the exit.",
                main=False, reason="What shows it (no names)", reason_required=True,
                choices=(Choice("yes", "Is one"), Choice("no", "Is none")), sign="family_restroom"),
            Act("erase", "Erase this person", "Propose to erase",
                "Another data protection officer approves it, under Requests to erase.", main=False,
                reason="File number of request or order", reason_required=True,
                choices=(Choice("REQUEST", "On request"), Choice("ORDER", "On order")), sign="delete_forever"),
        )  # fmt: skip

    def perform(self, request: HttpRequest, row: DataSubject, act: Act, given: Mapping[str, str]) -> str:
        actor, now, reason = request.actor, timezone.now(), given["reason"]
        try:
            match act.code:
                case "export":
                    return self.export_whole_record(request, row, reason)
                case "hold":
                    authority, _, why = reason.partition(":")
                    days = int(given["choice"]) if given["choice"] in REVIEWS else 90
                    place_hold(
                        actor=actor,
                        at=now,
                        traveler_id=row.id,
                        authority=authority if why.strip() else "",
                        reason=why or authority,
                        review_on=(now + timedelta(days=days)).date(),
                    )
                    return "The hold is in force."
                case "family":
                    mark_family(
                        actor=actor, at=now, traveler_id=row.id, family=given["choice"] == "yes", basis=reason
                    )
                    return "Set."
            propose_erasure(actor=actor, at=now, traveler_id=row.id, ground=given["choice"], reason=reason)
        except (RetentionRefused, ErasureRefused, SubjectUnknown) as refusal:
            raise Refused(words_of(refusal.code)) from None
        return "Proposed. Another data protection officer has to approve it, under Requests to erase."

    # the file for the subject

    def export_whole_record(self, request: HttpRequest, row: DataSubject, reference: str) -> str:
        made = export_subject(actor=request.actor, at=timezone.now(), traveler_id=row.id, reference=reference)
        file_id = new_id()
        settings.EXPORT_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(export_path(file_id), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(made.content)
        request.session[f"subject_export:{file_id}"] = {"traveler": str(row.id), "tables": made.tables}
        address = reverse("admin:borders_datasubject_download", args=(file_id,))
        return f"Passphrase: {made.passphrase} · file: {address} (this session only, {EXPORT_HOURS} hours)"

    def download_view(self, request: HttpRequest, file_id: UUID) -> HttpResponse | FileResponse:
        """Hand the file to the officer who made it, in the same session."""
        if request.method != "GET":
            return HttpResponseNotAllowed(("GET",))
        made = request.session.get(f"subject_export:{file_id}")
        if not self.has_view_permission(request) or made is None or not export_path(file_id).exists():
            raise Http404
        with transaction.atomic():
            self.record_look(
                request,
                [made["traveler"]],
                action="export_taken",
                detail={"file": str(file_id)},
                fields=fields_told(made["tables"]),
            )
        response = FileResponse(
            export_path(file_id).open("rb"), as_attachment=True, filename=f"{file_id}.zip"
        )
        response["Cache-Control"] = "private, no-store"
        return response

    def get_urls(self) -> list[URLPattern]:
        download = path(
            "exports/<uuid:file_id>/", self.guard(self.download_view), name="borders_datasubject_download"
        )
        return [download, *super().get_urls()]


def export_path(file_id: UUID) -> Any:
    """Return where the file for a subject lies until it is taken; the sweep removes it after EXPORT_HOURS."""
    return settings.EXPORT_DIR / f"subject-{file_id}.zip"
