"""The forms of the accounts' pages."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest

from audit.admin.filters import DayInput
from audit.core.times import EARLIEST_DATE, LATEST_DATE
from borders.models import Country, PortOfEntry, PostAssignment
from borders.services.accounts import ADMINISTRATORS, Post

ROLES = PostAssignment._meta.get_field("role").choices
PORT, COUNTRY = "port", "country"
WITHIN = (MinValueValidator(EARLIEST_DATE), MaxValueValidator(LATEST_DATE))


class PostForm(forms.Form):
    """Where, as what, from when to when."""

    role = forms.ChoiceField(
        label="Role",
        choices=[("", "Choose one"), *ROLES],
        help_text="Administrators and data protection officers are proposed; another administrator approves them.",
    )
    place = forms.ChoiceField(label="Where")
    valid_from = forms.DateField(
        label="From",
        required=False,
        widget=DayInput(format="%Y-%m-%d"),
        validators=WITHIN,
        help_text="Empty: from now on",
    )
    valid_until = forms.DateField(
        label="Last day",
        required=False,
        widget=DayInput(format="%Y-%m-%d"),
        validators=WITHIN,
        help_text="Empty: until it is ended",
    )
    reason = forms.CharField(
        label="Why",
        max_length=200,
        required=False,
        help_text="For what another administrator approves; no names",
    )

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["place"].choices = [("", "Choose one"), *places_of(request)]

    def post(self) -> Post:
        """Return what was filled in."""
        given = self.cleaned_data
        kind, _, code = given["place"].partition(":")
        begins, ends = given["valid_from"], given["valid_until"]
        return Post(
            role=given["role"],
            port=code if kind == PORT else "",
            country=code if kind == COUNTRY else "",
            valid_from=datetime.combine(begins, time.min, UTC) if begins else None,
            valid_until=datetime.combine(ends + timedelta(days=1), time.min, UTC) if ends else None,
        )


class AccountForm(PostForm):
    """A new account with its first post."""

    username = forms.CharField(
        label="User name", max_length=30, help_text="For signing in: small letters, digits, points, dashes"
    )
    badge_number = forms.CharField(
        label="Badge number", max_length=20, help_text="As it stands in the audit trail"
    )
    field_order = ("username", "badge_number")


def places_of(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the places where the person may post somebody: the own ports, training posts beside them, whole countries."""
    ports = request.actor.acting_as(ADMINISTRATORS).port_ids
    own = PortOfEntry.objects.filter(id__in=ports).order_by("code")
    countries = Country.objects.filter(ports__in=ports).distinct().order_by("code")
    training = PortOfEntry.objects.filter(country__in=countries, training=True).order_by("code")
    whole = [c for c in countries if not c.ports.filter(training=False).exclude(id__in=ports).exists()]
    return [
        *((f"{PORT}:{p.code}", str(p)) for p in own),
        *((f"{PORT}:{p.code}", f"{p}, training") for p in training),
        *((f"{COUNTRY}:{c.code}", f"All ports of {c}") for c in whole),
    ]
