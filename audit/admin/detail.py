"""Detail pages as data: sections of facts and tables, drawn by one template."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import BinaryField, ForeignKey, Model
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst

EMPTY = "—"


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of a section. link: where the value leads, "" for nowhere."""

    label: str
    value: Any
    link: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """headers: column titles. rows: cells, each text, mark or (text, link)."""

    headers: Sequence[str]
    rows: Sequence[Sequence[Any]]
    empty: str = "None."


@dataclass(frozen=True, slots=True)
class Picture:
    """An image behind an audited address."""

    title: str
    source: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One card of a detail page."""

    title: str
    facts: Sequence[Fact] = ()
    table: Table | None = None
    pictures: Sequence[Picture] = field(default=())
    note: str = ""


def show(value: Any) -> Any:
    """Return a value as it stands on a page: times in UTC and named so, nothing as a dash."""
    if value is None or value == "" or value == [] or value == {}:
        return EMPTY
    if isinstance(value, SafeString):
        return value
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return show_time(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, dict):
        return "; ".join(f"{words(str(k))}: {show(v)}" for k, v in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(str(show(v)) for v in value)
    return value


def show_time(value: datetime | None) -> str:
    return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if value else EMPTY


def show_when(value: datetime) -> SafeString:
    """Return a time for a column of a list: day and time, which break apart and nowhere else."""
    day, time_of_day = f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S}".split()
    return format_html('<span class="when"><span>{}</span> <span>{}</span></span>', day, time_of_day)


def words(code: str) -> str:
    """Return a code as words: "below_threshold" gives "Below threshold"."""
    return capfirst(code.replace("_", " ").replace(".", " ").lower())


def facts_of(row: Model, *, leave_out: Iterable[str] = ()) -> list[Fact]:
    """Return every field of a row as facts. Bytes are never shown."""
    hidden = set(leave_out)
    return [
        Fact(capfirst(f.verbose_name), show(_display(row, f)))
        for f in row._meta.concrete_fields
        if f.name not in hidden and not isinstance(f, BinaryField)
    ]


def _display(row: Model, model_field: Any) -> Any:
    if model_field.choices:
        return getattr(row, f"get_{model_field.name}_display")()
    if isinstance(model_field, ForeignKey):
        return str(getattr(row, model_field.name) or "")
    return getattr(row, model_field.name)
