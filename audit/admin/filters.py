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


class TimeInput(forms.TimeInput):
    input_type = "time"


class FromDayFilter(django_filters.DateFilter):
    """Rows from the beginning of a day on, UTC. time: name of the filter that says from which minute of it."""

    def __init__(self, field_name: str, *, time: str = "", **options: Any):
        self.time = time
        super().__init__(field_name, widget=DayInput(format="%Y-%m-%d"), **options)

    def filter(self, qs: QuerySet[Any], value: date | None) -> QuerySet[Any]:
        return (
            qs.filter(**{f"{self.field_name}__gte": self.minute(value) or midnight(value)}) if value else qs
        )

    def minute(self, day: date) -> datetime | None:
        """Return the minute that is asked for, None for the whole day."""
        at = self.parent.form.cleaned_data.get(self.time) if self.time else None
        return None if at is None else datetime.combine(day, at.replace(second=0, microsecond=0), UTC)


class UntilDayFilter(FromDayFilter):
    """Rows up to the end of a day, or of a minute of it, UTC."""

    def filter(self, qs: QuerySet[Any], value: date | None) -> QuerySet[Any]:
        if not value:
            return qs
        minute = self.minute(value)
        try:
            end = midnight(value + timedelta(days=1)) if minute is None else minute + timedelta(minutes=1)
        except OverflowError:  # the calendar's last day ends after every row
            return qs
        return qs.filter(**{f"{self.field_name}__lt": end})


class MinuteFilter(django_filters.TimeFilter):
    """The minute that belongs to the filter of a day, UTC. day: its name; without a day it is one of today."""

    def __init__(self, *, day: str, **options: Any):
        self.day = day
        super().__init__(widget=TimeInput(format="%H:%M"), **options)

    def filter(self, qs: QuerySet[Any], value: time | None) -> QuerySet[Any]:
        if value is None or self.parent.form.cleaned_data.get(self.day):
            return qs
        return self.parent.filters[self.day].filter(qs, datetime.now(UTC).date())


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
