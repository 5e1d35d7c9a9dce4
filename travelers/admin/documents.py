"""Travellers, their documents and what was read from them, for supervisors of the ports where they crossed."""

import re
import unicodedata
from contextlib import suppress
from datetime import date
from typing import Any

import django_filters
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from audit.admin import (
    AuditedModelAdmin,
    Fact,
    Section,
    Table,
    Tone,
    badge,
    show,
    show_time,
    show_when,
    words,
)
from audit.admin.filters import CapitalsFilter, ChoiceFilter, FromDayFilter, UntilDayFilter, with_any_of
from biometrics.core.mrz import TransliterationError, mrz_name_forms
from travelers.models import DocumentReading, TravelDocument, Traveler

ROWS_SHOWN = 50
FORMS_TRIED = 24
STATUS_TONES = {"ACCEPTED": Tone.GOOD, "REVIEW": Tone.WARN, "UNREADABLE": Tone.BAD}


def name_forms(text: str) -> list[str]:
    """Return the forms in which a name may be kept: as keyed, in capitals, and every form it may take in the zone."""
    forms = {" ".join(unicodedata.normalize("NFC", text).upper().replace("<", " ").split())}
    with suppress(TransliterationError):
        forms |= {form.replace("<", " ") for form in mrz_name_forms(text)}
    return sorted(forms)[:FORMS_TRIED]


def traveler_term(term: str, prefix: str = "") -> Q:
    """Return the condition for a name as somebody types it: "Eriksson, Anna", "eriksson anna" or the beginning of either; with
    a birth date behind it, "Eriksson 1974-08-12", or a birth date alone.

    prefix: lookup that leads to the two identifiers, e.g. "traveler__". Identifiers are kept in capitals.
    """
    name, born = birth_date_apart(term)
    if born is not None:
        on_day = Q(**{f"{prefix}birth_date": born})
        return traveler_term(name, prefix) & on_day if name else on_day
    primary, secondary = f"{prefix}primary_identifier", f"{prefix}secondary_identifier"
    found = Q(pk__in=())
    if "," in term:
        surname, _, given = term.partition(",")
        for family in name_forms(surname):
            for own in name_forms(given):
                found |= Q(**{f"{primary}__startswith": family, f"{secondary}__startswith": own})
        return found
    for form in name_forms(term):
        parts = form.split()
        found |= Q(**{f"{primary}__startswith": form})
        for i in range(1, len(parts)):
            found |= Q(**{primary: " ".join(parts[:i]), f"{secondary}__startswith": " ".join(parts[i:])})
    return found


def birth_date_apart(term: str) -> tuple[str, date | None]:
    """Return a term without the birth date at its end, and that date, as 1974-08-12; None where there is none."""
    found = re.search(r"(?:^|[\s,])(\d{4}-\d{2}-\d{2})\s*$", term)
    try:
        return (term[: found.start()].strip(" ,"), date.fromisoformat(found[1])) if found else (term, None)
    except ValueError:
        return term, None


def travelers_named(term: str) -> QuerySet[Any]:
    """Return the ids of the travellers whom a name as typed may mean."""
    return Traveler.objects.filter(traveler_term(term)).values_list("id", flat=True)


def readings_named(term: str) -> QuerySet[Any]:
    """Return the ids of the readings that hold a number or a name as typed."""
    number = document_term(term)
    held = Q(document_number=number) if number else traveler_term(term)
    if not birth_date_apart(term)[0]:
        # readings have no index by birth date; travellers have
        held = Q(
            document_number__in=TravelDocument.objects.filter(
                traveler__in=Traveler.objects.filter(held)
            ).values("document_number")
        )
    return DocumentReading.objects.filter(held).values_list("id", flat=True)


def document_term(term: str) -> str:
    """Return a term as a document number: capitals and digits, no separators; "" when it holds no digit and so is a name."""
    if birth_date_apart(term)[1] is not None:
        return ""
    number = re.sub(r"[\s\-./<]", "", unicodedata.normalize("NFKC", term).upper())
    return number if any(c.isdigit() for c in number) and number.isascii() and number.isalnum() else ""


class TravelerFilter(django_filters.FilterSet):
    since = FromDayFilter("created_at", label="First seen from")
    until = UntilDayFilter("created_at", label="to")
    nationality = CapitalsFilter("nationality", label="Nationality", max_length=3)


@admin.register(Traveler)
class TravelerAdmin(AuditedModelAdmin):
    subject_lookup = "id"
    # whoever crosses is named in the inspection before
    port_lookup = "inspections__port_id__in"
    page_ordering = ("-created_at", "-id")
    filterset_class = TravelerFilter
    list_display = ("name", "birth_date_text", "nationality", "sex", "first_seen")
    shown_beside = (
        *(
            "document.document_code",
            "document.issuing_state",
            "document.document_number",
            "document.expiry_date",
        ),
        *("crossing.occurred_at", "crossing.direction", "crossing.port"),
        *("inspection.opened_at", "inspection.direction", "inspection.port", "inspection.state"),
    )

    def find(self, term: str) -> Q:
        number = document_term(term)
        if number:
            return with_any_of(
                "id",
                TravelDocument.objects.filter(document_number=number).values_list("traveler_id", flat=True),
            )
        return traveler_term(term)

    @display(description="Name")
    def name(self, row: Traveler) -> str:
        return str(row)

    @display(description="Birth date")
    def birth_date_text(self, row: Traveler) -> str:
        return show(row.birth_date or row.birth_date_raw)

    @display(description="First seen")
    def first_seen(self, row: Traveler) -> str:
        return show_time(row.created_at)

    def sections(self, request: HttpRequest, row: Traveler) -> list[Section]:
        ports = request.actor.port_ids
        crossings = (
            row.crossings.filter(port_id__in=ports)
            .select_related("port", "document")
            .order_by("-occurred_at")
        )
        inspections = row.inspections.filter(port_id__in=ports).select_related("port").order_by("-opened_at")
        return [
            Section(
                str(row),
                [
                    Fact("Primary identifier", show(row.primary_identifier)),
                    Fact("Secondary identifier", show(row.secondary_identifier)),
                    Fact("Birth date", self.birth_date_text(row)),
                    Fact("Sex", row.get_sex_display()),
                    Fact("Nationality", show(row.nationality)),
                    Fact("First seen", self.first_seen(row)),
                ],
            ),
            Section(
                "Documents",
                table=Table(
                    ("Document", "Expires", "First seen"),
                    [
                        (
                            Fact("", str(d), self.link_to(request, TravelDocument, d.id)),
                            show(d.expiry_date),
                            show_time(d.created_at),
                        )
                        for d in row.documents.order_by("-created_at")[:ROWS_SHOWN]
                    ],
                    empty="No travel document.",
                ),
            ),
            Section(
                "Crossings at your ports",
                table=Table(
                    ("Time", "Direction", "Port", "Document"),
                    [
                        (
                            Fact("", show_time(c.occurred_at), self.link_to(request, type(c), c.id)),
                            c.get_direction_display(),
                            str(c.port),
                            str(c.document or "none"),
                        )
                        for c in crossings[:ROWS_SHOWN]
                    ],
                ),
            ),
            Section(
                "Inspections at your ports",
                table=Table(
                    ("Time", "Direction", "Port", "State"),
                    [
                        (
                            Fact("", show_time(i.opened_at), self.link_to(request, type(i), i.id)),
                            i.get_direction_display(),
                            str(i.port),
                            i.get_state_display(),
                        )
                        for i in inspections[:ROWS_SHOWN]
                    ],
                ),
            ),
        ]


class TravelDocumentFilter(django_filters.FilterSet):
    issuing_state = CapitalsFilter("issuing_state", label="Issuing State", max_length=3)
    expires_by = django_filters.DateFilter("expiry_date", label="Expires by", lookup_expr="lte")
    since = FromDayFilter("created_at", label="First seen from")
    until = UntilDayFilter("created_at", label="to")


@admin.register(TravelDocument)
class TravelDocumentAdmin(AuditedModelAdmin):
    subject_lookup = "traveler_id"
    port_lookup = "inspections__port_id__in"
    object_type = "document"
    page_ordering = ("-created_at", "-id")
    filterset_class = TravelDocumentFilter
    list_select_related = ("traveler",)
    list_display = ("document", "holder", "expiry_date", "first_seen")
    shown_beside = (
        *("traveler.primary_identifier", "traveler.secondary_identifier"),
        *("reading.read_at", "reading.source", "reading.status", "reading.layout"),
    )

    def find(self, term: str) -> Q:
        number = document_term(term)
        return Q(document_number=number) if number else with_any_of("traveler_id", travelers_named(term))

    @display(description="Document")
    def document(self, row: TravelDocument) -> str:
        return str(row)

    @display(description="Holder")
    def holder(self, row: TravelDocument) -> str:
        return str(row.traveler)

    @display(description="First seen")
    def first_seen(self, row: TravelDocument) -> str:
        return show_time(row.created_at)

    def sections(self, request: HttpRequest, row: TravelDocument) -> list[Section]:
        readings = DocumentReading.objects.filter(
            inspections__port_id__in=request.actor.port_ids,
            issuing_state=row.issuing_state,
            document_number=row.document_number,
        ).order_by("-read_at")
        return [
            Section(
                str(row),
                [
                    Fact("Document code", row.document_code),
                    Fact("Issuing State", row.issuing_state),
                    Fact("Document number", row.document_number),
                    Fact("Expires", show(row.expiry_date)),
                    Fact("Holder", str(row.traveler), self.link_to(request, Traveler, row.traveler_id)),
                    Fact("First seen", self.first_seen(row)),
                ],
            ),
            Section(
                "Readings at your ports", table=reading_table(self, request, readings.distinct()[:ROWS_SHOWN])
            ),
        ]


def reading_table(model_admin: AuditedModelAdmin, request: HttpRequest, readings: Any) -> Table:
    return Table(
        ("Time", "Source", "Status", "Layout"),
        [
            (
                Fact("", show_time(r.read_at), model_admin.link_to(request, DocumentReading, r.id)),
                r.get_source_display(),
                status_badge(r),
                show(r.layout),
            )
            for r in readings
        ],
    )


def status_badge(reading: DocumentReading) -> str:
    word = reading.get_status_display()
    return badge(
        f"{word}: {words(reading.reason).lower()}" if reading.reason else word, STATUS_TONES[reading.status]
    )


class DocumentReadingFilter(django_filters.FilterSet):
    since = FromDayFilter("read_at", label="From")
    until = UntilDayFilter("read_at", label="To")
    source = ChoiceFilter("source", label="Source", choices=DocumentReading.Source.choices)
    status = ChoiceFilter("status", label="Status", choices=DocumentReading.Status.choices)
    issuing_state = CapitalsFilter("issuing_state", label="Issuing State", max_length=3)


@admin.register(DocumentReading)
class DocumentReadingAdmin(AuditedModelAdmin):
    subject_lookup = "inspections__traveler_id"
    object_type = "reading"
    port_lookup = "inspections__port_id__in"
    page_ordering = ("-read_at", "-id")
    filterset_class = DocumentReadingFilter
    list_display = ("at_time", "source", "status_mark", "layout", "document", "holder", "milliseconds")
    shown_beside = ("inspection.opened_at", "inspection.direction", "inspection.port", "inspection.state")

    def find(self, term: str) -> Q:
        number = document_term(term)
        return Q(document_number=number) if number else traveler_term(term)

    @display(description="Time")
    def at_time(self, row: DocumentReading) -> str:
        return show_when(row.read_at)

    @display(description="Status")
    def status_mark(self, row: DocumentReading) -> str:
        return status_badge(row)

    @display(description="Document")
    def document(self, row: DocumentReading) -> str:
        return " ".join(p for p in (row.document_code, row.issuing_state, row.document_number) if p) or show(
            ""
        )

    @display(description="Holder")
    def holder(self, row: DocumentReading) -> str:
        return f"{row.primary_identifier}, {row.secondary_identifier}".strip(", ") or show("")

    @display(description="ms")
    def milliseconds(self, row: DocumentReading) -> str:
        return f"{row.elapsed_ms:.0f}"

    def sections(self, request: HttpRequest, row: DocumentReading) -> list[Section]:
        inspections = row.inspections.filter(port_id__in=request.actor.port_ids)
        corrects = self.link_to(request, DocumentReading, row.corrects_id)
        return [
            Section(
                "Reading",
                [
                    Fact("Time", show_time(row.read_at)),
                    Fact("Source", row.get_source_display()),
                    Fact("Status", status_badge(row)),
                    Fact("Layout", show(row.layout)),
                    Fact("Reader", show(row.reader_version)),
                    Fact("Milliseconds", self.milliseconds(row)),
                    Fact("Read or keyed by", show(row.read_by and str(row.read_by))),
                    Fact("Corrects", "an earlier reading" if row.corrects_id else show(""), corrects),
                ],
            ),
            Section("Fields", reading_facts(row)),
            Section(
                "Inspections with the whole evidence",
                table=Table(
                    ("Opened", "State"),
                    [
                        (
                            Fact("", show_time(i.opened_at), self.link_to(request, type(i), i.id)),
                            i.get_state_display(),
                        )
                        for i in inspections
                    ],
                ),
            ),
        ]


def reading_facts(row: DocumentReading) -> list[Fact]:
    """Return the fields of a reading, as a document lists them."""
    return [
        Fact("Document code", show(row.document_code)),
        Fact("Issuing State", show(row.issuing_state)),
        Fact("Document number", show(row.document_number)),
        Fact("Primary identifier", show(row.primary_identifier)),
        Fact("Secondary identifier", show(row.secondary_identifier)),
        Fact("Nationality", show(row.nationality)),
        Fact("Birth date", show(row.birth_date or row.birth_date_raw)),
        Fact("Sex", row.get_sex_display()),
        Fact("Expires", show(row.expiry_date or row.expiry_date_raw)),
    ]
