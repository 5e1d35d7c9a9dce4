"""Export of a list, as it stands on the screen, to CSV and XLSX: the whole of it or nothing, and never without a purpose."""

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime
from typing import IO, Any, ClassVar

import xlsxwriter
from django import forms
from django.contrib.admin.utils import label_for_field, lookup_field
from django.core.exceptions import PermissionDenied
from django.core.validators import RegexValidator
from django.db import OperationalError, connection, transaction
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from audit.admin.paging import PAGE_PARAMETERS, CursorChangeList
from audit.core.actor import Actor
from audit.core.exports import cell_of, defuse
from audit.services import note_disclosure, record_read

ROWS_MOST = 10_000
ROWS_AT_ONCE = 500
SECONDS_MOST = 60
PURPOSES = (
    ("supervision", "Supervision of the post"),
    ("investigation", "Investigation of a case"),
    ("redress", "Complaint or request for correction"),
    ("legal_request", "Request of a court or an authority"),
    ("inspection_of_service", "Audit of the service"),
)
FORMATS = (("csv", "CSV"), ("xlsx", "XLSX (Excel, LibreOffice)"))
RECIPIENT = "File taken out at the desk"
MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
Cells = Sequence[str | int | float]


class TooManyRows(ValueError):
    """The list is longer than one export may be."""


class ExportForm(forms.Form):
    """What an export has to say about itself."""

    purpose = forms.ChoiceField(label="Purpose", choices=[("", "Choose one"), *PURPOSES])
    reference = forms.CharField(
        label="Reference of the case, if there is one",
        required=False,
        max_length=40,
        validators=[RegexValidator(r"^[A-Za-z0-9/_.:-]*$", "Letters and digits of a reference only.")],
    )
    file_format = forms.ChoiceField(label="Format", choices=FORMATS, initial="csv")


class ExportsRows:
    """The part of a list's admin that exports it. rows_most: of one export; a longer list is refused, never cut off.

    subject_lookup: from a row to the id of the traveller whose data it is, "" where it is nobody's: a file that leaves the
    desk is entered for each of them into the register of disclosures.
    """

    object_type: str
    rows_most: ClassVar[int] = ROWS_MOST
    subject_lookup: ClassVar[str] = ""

    @property
    def export_name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_export"

    def export_url(self) -> str:
        return reverse(f"{self.admin_site.name}:{self.export_name}")

    def export_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for purpose and format; then write the file, its audit row first."""
        if request.method not in ("GET", "HEAD", "POST"):
            return HttpResponseNotAllowed(("GET", "HEAD", "POST"))
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = ExportForm(request.POST if request.method == "POST" else None)
        problem = ""
        if form.is_bound and form.is_valid():
            try:
                return self.export(request, form.cleaned_data)
            except TooManyRows:
                problem = (
                    f"This list has more than {self.rows_most:,} rows, which is the most of one export. "
                    "Nothing was exported: narrow the filters, such as the days, and export the parts."
                )
            except OperationalError as failure:
                if getattr(failure.__cause__, "sqlstate", "") != "57014":
                    raise
                problem = f"Reading the list took longer than {SECONDS_MOST} seconds. Nothing was exported: narrow the filters."
        request.current_app = self.admin_site.name
        change_list = self.get_changelist_instance(request)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "media": self.media,
            "title": f"Export: {change_list.page_title}",
            "form": form,
            "problem": problem,
            "filters": shown_filters(change_list),
            "found_by_term": bool(change_list.find_term),
            "rows_most": self.rows_most,
            "back_url": f"{self.list_url()}?{request.GET.urlencode()}",
        }
        status = 422 if problem or form.errors else 200
        return TemplateResponse(request, "admin/audit/export.html", context, status=status)

    @transaction.atomic
    def export(self, request: HttpRequest, given: dict[str, str]) -> HttpResponse:
        """Return the file. It is whole before the answer begins: what breaks on the way must not look complete."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [f"{SECONDS_MOST}s"])
        change_list = self.get_changelist_instance(request)
        ordering = change_list.direction()
        ids: list[Any] = []
        for group in change_list.groups(request):
            rows = change_list.queryset.filter(group).order_by(*ordering)
            ids += rows.values_list("pk", flat=True)[: self.rows_most + 1 - len(ids)]
            if len(ids) > self.rows_most:
                raise TooManyRows
        now = timezone.now()
        filters = {k: v for k, v in request.GET.items() if k not in PAGE_PARAMETERS and v}
        record_read(
            actor=_with_purpose(request.actor, given["purpose"]),
            at=now,
            object_type=self.object_type,
            object_ids=ids,
            action="exported",
            detail={
                "format": given["file_format"],
                "reference": given["reference"],
                "filters": filters,
                "order": [*filter(None, [change_list.sort_name]), *ordering],
                "found_by_term": bool(change_list.find_term),
                "rows": len(ids),
                "first_id": str(ids[0]) if ids else "",
                "last_id": str(ids[-1]) if ids else "",
                "ids_sha256": hashlib.sha256("\n".join(map(str, ids)).encode()).hexdigest(),
            },
            fields=self.export_columns(change_list),
        )
        self.note_given(request, given, change_list, ids, now)
        about = [
            ("List", str(change_list.page_title)),
            (
                "Filters",
                "; ".join(f"{name}: {value}" for name, value in shown_filters(change_list)) or "none",
            ),
            ("Search", "by a name or a number" if change_list.find_term else "none"),
            ("Rows", len(ids)),
            ("Exported by", request.actor.label),
            ("Exported at", cell_of(now)),
            ("Purpose", dict(PURPOSES)[given["purpose"]]),
            ("Reference", given["reference"]),
        ]
        headers = [cell_of(h) for h in self.export_headers(change_list)]
        written = WRITERS[given["file_format"]](headers, self.export_rows(change_list, ids), about)
        name = f"{self.opts.verbose_name_plural}-{now:%Y%m%dT%H%M%SZ}.{given['file_format']}".replace(
            " ", "-"
        )
        response = FileResponse(
            written, as_attachment=True, filename=name, content_type=MEDIA_TYPES[given["file_format"]]
        )
        response["Cache-Control"] = "private, no-store"
        return response

    def note_given(
        self,
        request: HttpRequest,
        given: dict[str, str],
        change_list: CursorChangeList,
        ids: Sequence[Any],
        at: datetime,
    ) -> None:
        """Enter the travellers of these rows into the register of disclosures."""
        if not self.subject_lookup or not ids:
            return
        subjects = self.model._default_manager.filter(pk__in=ids).values_list(self.subject_lookup, flat=True)
        note_disclosure(
            actor=request.actor,
            at=at,
            subject_ids=subjects,
            recipient=RECIPIENT,
            purpose=given["purpose"],
            legal_basis=f"Purpose stated: {dict(PURPOSES)[given['purpose']]}",
            fields=[f"{self.opts.model_name}.{name}" for name in self.export_columns(change_list)],
            reference=given["reference"],
        )

    def export_headers(self, change_list: CursorChangeList) -> list[str]:
        return [str(label_for_field(n, self.model, self)) for n in self.export_columns(change_list)]

    def export_columns(self, change_list: CursorChangeList) -> list[str]:
        return [name for name in change_list.list_display if name != "action_checkbox"]

    def export_rows(self, change_list: CursorChangeList, ids: Sequence[Any]) -> Iterator[Cells]:
        """Return the rows with these ids, in their order, as the list shows them."""
        columns = self.export_columns(change_list)
        for first in range(0, len(ids), ROWS_AT_ONCE):
            chunk = ids[first : first + ROWS_AT_ONCE]
            rows = self.with_relations(self.model._default_manager.filter(pk__in=chunk))
            found = {row.pk: row for row in rows}
            for pk in chunk:
                yield [self._cell(name, found[pk]) for name in columns]

    def _cell(self, name: str, row: Any) -> str | int | float:
        field, _, value = lookup_field(name, row, self)
        if field is not None and field.choices:
            value = getattr(row, f"get_{field.name}_display")()
        return cell_of(value, marked_up=isinstance(value, SafeString))


def shown_filters(change_list: CursorChangeList) -> list[tuple[str, str]]:
    """Return the filters in use by their labels, with the values as they are chosen."""
    if change_list.filterset is None:
        return []
    form = change_list.filterset.form
    given = form.cleaned_data if form.is_valid() else {}
    return [
        (str(form.fields[name].label), _in_words(form.fields[name], given[name]))
        for name in change_list.filters_set
    ]


def _in_words(field: Any, value: Any) -> str:
    choices = getattr(field, "choices", None)
    if choices is not None and isinstance(value, str):
        return str(dict(choices).get(value, value))
    return str(value)


def _with_purpose(actor: Actor, purpose: str) -> Actor:
    # the actor of a request is lazy, which dataclasses.replace does not see through
    return Actor(**({f.name: getattr(actor, f.name) for f in fields(Actor)} | {"purpose": purpose}))


def write_csv(headers: Cells, rows: Iterator[Cells], about: Sequence[tuple[str, Any]]) -> IO[bytes]:
    """Return a CSV file (RFC 4180, UTF-8), at its beginning."""
    file = io.BytesIO()
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([defuse(h) for h in headers])
    writer.writerows([defuse(cell) for cell in row] for row in rows)
    text.flush()
    text.detach()
    file.seek(0)
    return file


def write_xlsx(headers: Cells, rows: Iterator[Cells], about: Sequence[tuple[str, Any]]) -> IO[bytes]:
    """Return a workbook, at its beginning: the list, and a sheet that says what it is."""
    file = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        bold = book.add_format({"bold": True})
        sheet = book.add_worksheet("List")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, max(0, len(headers) - 1), 22)
        _write_row(sheet, 0, headers, bold)
        for number, row in enumerate(rows, start=1):
            _write_row(sheet, number, row)
        told = book.add_worksheet("About")
        told.set_column(0, 1, 30)
        for number, (label, value) in enumerate(about):
            _write_row(told, number, (label, value))
    file.seek(0)
    return file


def _write_row(sheet: Any, number: int, cells: Sequence[Any], style: Any = None) -> None:
    for column, cell in enumerate(cells):
        # never `write`, which guesses: what begins like a formula stays a text
        if isinstance(cell, str):
            sheet.write_string(number, column, cell, style)
        else:
            sheet.write_number(number, column, cell, style)


WRITERS = {"csv": write_csv, "xlsx": write_xlsx}
