"""Filters for lists. Ids, codes, states and times only: an address ends up in logs, so no name or number is ever a filter."""

from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django_filters.fields import IsoDateTimeField

from audit.core.times import EARLIEST_DATE, LATEST_DATE, MomentRefused, read_moment


class _MomentField(IsoDateTimeField):
    default_error_messages = {
        "date_out_of_range": f"The time lies outside {EARLIEST_DATE} to {LATEST_DATE}.",
        "offset_missing": "The time needs an offset, e.g. Z.",
    }

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        try:
            return read_moment(value)
        except MomentRefused as refusal:
            raise forms.ValidationError(self.error_messages[refusal.code], code=refusal.code) from None


class MomentFilter(django_filters.IsoDateTimeFilter):
    """An ISO 8601 time with offset, e.g. 2026-11-20T09:00:00Z. Use with lookup_expr "gte" (…_from) and "lt" (…_until)."""

    field_class = _MomentField


class DayFilter(django_filters.DateFilter):
    """A calendar date, YYYY-MM-DD."""

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, input_formats=["%Y-%m-%d"], **options)


class CodeFilter(django_filters.CharFilter):
    """A short code of capital letters, digits, points and dashes, compared exactly."""

    def __init__(self, *arguments: Any, **options: Any):
        options.setdefault("max_length", 40)
        super().__init__(*arguments, **options)
