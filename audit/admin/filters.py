"""Filters of the admin lists, drawn as one form above the list."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import django_filters
from django import forms
from django.core.validators import RegexValidator
from django.db.models import Q, QuerySet

ANY = "Any"
FEW = 500


class DayInput(forms.DateInput):
    input_type = "date"


class FromDayFilter(django_filters.DateFilter):
    """Rows from the beginning of a day on, UTC."""

    def __init__(self, field_name: str, **options: Any):
        super().__init__(field_name, widget=DayInput(format="%Y-%m-%d"), **options)

    def filter(self, qs: QuerySet[Any], value: date | None) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__gte": midnight(value)}) if value else qs


class UntilDayFilter(FromDayFilter):
    """Rows up to the end of a day, UTC."""

    def filter(self, qs: QuerySet[Any], value: date | None) -> QuerySet[Any]:
        return qs.filter(**{f"{self.field_name}__lt": midnight(value + timedelta(days=1))}) if value else qs


class ChoiceFilter(django_filters.ChoiceFilter):
    """One of a few values."""

    def __init__(self, field_name: str | None = None, **options: Any):
        super().__init__(field_name, **{"empty_label": ANY, **options})


class CodeFilter(django_filters.CharFilter):
    """A code: capital letters, digits and a few signs. Never a name: filters stand in the URL."""

    def __init__(
        self, field_name: str, *, max_length: int, pattern: str = r"^[A-Za-z0-9_.:-]+$", **options: Any
    ):
        super().__init__(
            field_name,
            max_length=max_length,
            validators=[RegexValidator(pattern, "Letters and digits of a code only.")],
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            **options,
        )


class CapitalsFilter(CodeFilter):
    """A code that is kept in capitals, however it is typed: compared as it stands, so that an index answers."""

    def filter(self, qs: QuerySet[Any], value: str) -> QuerySet[Any]:
        return super().filter(qs, value.upper() if value else value)


def with_any_of(lookup: str, keys: QuerySet[Any]) -> Q:
    """Return the condition that a row leads to one of these keys. keys: rows of one column, read here as far as they are few.

    The planner cannot know that a name or a rare code leads to a handful of rows among millions; given the handful itself, it
    can go by the index on them (see `narrowed`), and not through the list.
    """
    few = list(keys[: FEW + 1])
    condition = Q(**{f"{lookup}__in": few if len(few) <= FEW else keys})
    condition.few_rows = len(few) <= FEW
    return condition


def narrowed(rows: QuerySet[Any], condition: Q) -> QuerySet[Any]:
    """Return the rows that meet a condition. Where it names the few rows it means, the list knows: it sorts these, and does
    not look for them along its order.
    """
    rows = rows.filter(condition)
    if getattr(condition, "few_rows", False):
        rows.query.few_rows = True
    return rows


def midnight(day: date) -> datetime:
    """Return the beginning of a day, UTC."""
    return datetime.combine(day, time.min, UTC)
