"""Input fields that say no: unknown names, wrong types, control characters, dates that nobody was born on."""

import functools
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.validators import RegexValidator
from rest_framework import serializers

from audit.core.times import is_in_range

# controls, private use, unassigned, lone surrogates; and the mark of bytes that were no text
_REFUSED_CATEGORIES = frozenset({"Cc", "Co", "Cn", "Cs", "Zl", "Zp"})
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def is_plain_text(text: str) -> bool:
    """Tell whether every character may stand in a name or a sentence, right-to-left and combining ones included."""
    return _REPLACEMENT not in text and not any(unicodedata.category(c) in _REFUSED_CATEGORIES for c in text)


class TextField(serializers.CharField):
    """One line of text: a string of at most max_length characters after NFC, without control characters.

    pattern: a regular expression that the whole text must match. normalise: False keeps the characters as sent (passwords).
    """

    default_error_messages = {
        "characters_not_allowed": "Control characters and the like are not allowed.",
        "not_a_string": "This must be a string.",
    }

    def __init__(self, *, max_length: int, pattern: str = "", normalise: bool = True, **options: Any):
        super().__init__(max_length=max_length, **options)
        self.normalise = normalise
        if pattern:
            message = "This does not have the form that the field asks for."
            self.validators.append(RegexValidator(f"^{pattern}$", message, "pattern"))

    def run_validation(self, data: Any = serializers.empty) -> Any:
        # before DRF's own validators, whose messages know NUL but neither length nor the other controls
        if isinstance(data, str):
            if len(data) > 4 * self.max_length:
                self.fail("max_length", max_length=self.max_length)
            if not is_plain_text(data):
                self.fail("characters_not_allowed")
            if self.normalise:
                data = unicodedata.normalize("NFC", data)
        elif data is not serializers.empty and data is not None:
            self.fail("not_a_string")
        return super().run_validation(data)


class PlainDateField(serializers.DateField):
    """A calendar date as `YYYY-MM-DD`, from 1900 to 2199."""

    default_error_messages = {
        "not_a_string": "This must be a string.",
        "date_out_of_range": "The date lies outside 1900-01-01 to 2199-12-31.",
    }

    def to_internal_value(self, value: Any) -> date:
        if not isinstance(value, str):
            self.fail("not_a_string")
        # Python also knows week dates and the digits of other scripts
        if not _DATE.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        parsed = super().to_internal_value(value)
        if not is_in_range(parsed):
            self.fail("date_out_of_range")
        return parsed


@functools.cache
def _fields_of(serializer_class: type[serializers.Serializer]) -> Any:
    """Return the fields of a blank serializer: they keep nothing of what they check, so all of its kind may share them."""
    return serializers.Serializer.fields.func(serializer_class())


class StrictSerializer(serializers.Serializer):
    """Input: refuses every field that it does not name."""

    # made once, not for every request
    @property
    def fields(self) -> Any:
        return _fields_of(type(self))

    default_error_messages = {
        "unknown_field": "This field is not known here.",
        "not_an_object": "This must be an object.",
    }

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, Mapping):
            raise serializers.ValidationError(
                {"non_field_errors": [self.error_messages["not_an_object"]]}, "not_an_object"
            )
        unknown = [name for name in data if name not in self.fields]
        if unknown:
            # the name comes from outside: shown only when it is plain and short
            names = [
                n if isinstance(n, str) and n.isidentifier() and len(n) <= 40 else "?" for n in unknown[:10]
            ]
            raise serializers.ValidationError(
                {
                    n: [serializers.ErrorDetail(self.error_messages["unknown_field"], "unknown_field")]
                    for n in names
                }
            )
        return super().to_internal_value(data)
