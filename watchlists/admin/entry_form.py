"""The form of one entry, for a list that is kept by hand."""

import hashlib
from datetime import UTC, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from audit.admin.filters import DayInput
from audit.api.serializers import is_plain_text
from travelers.core.codes import is_known_code, normalise_code
from watchlists.core.birth_dates import BirthDate
from watchlists.core.content import write_content
from watchlists.core.importers.countries import state_code
from watchlists.core.importers.dates import read_birth_date
from watchlists.core.importers.parts import split_name
from watchlists.core.proposals import ListedDocument, ProposedEntry
from watchlists.core.screening import Action
from watchlists.models import Watchlist, WatchlistEntry
from watchlists.models.entries import DocumentKind

NAMES_MOST = 20


class EntryForm(forms.Form):
    """One person or document sought."""

    source_id = forms.CharField(
        label="Number of the file", max_length=60, help_text="The same number replaces an entry"
    )
    names = forms.CharField(
        label="Names",
        max_length=4000,
        required=False,
        help_text="One a line, as Family, Given; the primary name first, then aliases, in any script",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    birth_dates = forms.CharField(
        label="Birth dates",
        max_length=200,
        required=False,
        help_text="1980-02-29, 1980, about 1980 or 1978 to 1982; several with ;",
    )
    sex = forms.ChoiceField(
        choices=(("", "Not known"), ("F", "Female"), ("M", "Male"), ("X", "X")), required=False
    )
    nationalities = forms.CharField(
        label="Nationalities", max_length=60, required=False, help_text="Codes, several with a space"
    )
    document_number = forms.CharField(label="Document number", max_length=24, required=False)
    issuing_state = forms.CharField(label="Issuing State", max_length=3, required=False)
    document_kind = forms.ChoiceField(label="Kind of document", choices=DocumentKind.choices, required=False)
    action = forms.ChoiceField(label="Asks to", choices=WatchlistEntry.Action.choices)
    priority = forms.TypedChoiceField(
        choices=[(str(i), f"{i}{' (highest)' if i == 1 else ''}") for i in range(1, 6)],
        coerce=int,
        initial="3",
    )
    reason = forms.CharField(max_length=500)
    legal_basis = forms.CharField(label="Legal basis", max_length=200)
    valid_until = forms.DateField(label="Valid until the end of", widget=DayInput(format="%Y-%m-%d"))
    review_by = forms.DateField(label="Review by", widget=DayInput(format="%Y-%m-%d"), required=False)

    def __init__(self, *args: Any, watchlist: Watchlist, **options: Any):
        super().__init__(*args, **options)
        self.watchlist = watchlist
        self.fields["action"].initial = watchlist.action
        self.fields["legal_basis"].initial = watchlist.legal_basis
        for name in ("source_id", "names", "document_number"):
            self.fields[name].widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name, value in list(cleaned.items()):
            if isinstance(value, str) and not is_plain_text(value.replace("\n", " ").replace("\r", " ")):
                self.add_error(name, "Control characters are not allowed.")
        if not cleaned.get("names", "").strip() and not cleaned.get("document_number", "").strip():
            self.add_error("names", "An entry needs a name or a document.")
        return cleaned

    def clean_birth_dates(self) -> tuple[BirthDate, ...]:
        texts = [text for text in self.cleaned_data["birth_dates"].split(";") if text.strip()]
        found = [read_birth_date(text) for text in texts]
        if None in found:
            raise ValidationError("This is no birth date.")
        return tuple(born for born in found if born is not None)

    def clean_nationalities(self) -> tuple[str, ...]:
        texts = self.cleaned_data["nationalities"].replace(",", " ").split()
        codes = [state_code(text) for text in texts]
        if "" in codes:
            raise ValidationError("There is no State of this code.")
        return tuple(dict.fromkeys(codes))

    def clean_issuing_state(self) -> str:
        code = normalise_code(self.cleaned_data["issuing_state"])
        if code and not is_known_code(code):
            raise ValidationError("There is no State of this code.")
        return code

    def entry(self) -> ProposedEntry:
        """Return the entry of a form that is valid."""
        given = self.cleaned_data
        documents = ()
        if given["document_number"].strip():
            kind = given["document_kind"] or "OTHER"
            documents = (ListedDocument(given["document_number"], given["issuing_state"], kind),)
        names = [line for line in given["names"].splitlines() if line.strip()][:NAMES_MOST]
        return ProposedEntry(
            source_id=given["source_id"],
            action=Action(given["action"]),
            reason=given["reason"],
            legal_basis=given["legal_basis"],
            owner_unit=self.watchlist.owner_unit,
            valid_until=datetime.combine(given["valid_until"], time.max, UTC),
            review_by=given["review_by"],
            names=tuple(split_name(name) for name in names),
            documents=documents,
            birth_dates=given["birth_dates"],
            sex=given["sex"],
            nationalities=given["nationalities"],
            priority=given["priority"],
            classification=self.watchlist.classification,
        )

    def reference(self) -> str:
        """Return a reference by which the same entry, sent twice by a double click, is proposed once."""
        base = self.watchlist.active_version_id
        digest = hashlib.sha256(f"{base} {write_content(self.entry())}".encode())
        return f"form-{digest.hexdigest()[:40]}"
