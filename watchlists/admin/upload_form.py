"""The form by which a file of a list comes in through the browser."""

from typing import Any

from django import forms

from watchlists.core.importers import FORMATS
from watchlists.models import Watchlist
from watchlists.services.uploads import ALLOWED_MOST, MAIN, UPLOAD_MOST_BYTES

COMPANIONS = {
    "alt": "Aliases (alt.csv)",
    "add": "Addresses (add.csv)",
    "comments": "Remarks (sdn_comments.csv)",
}


class UploadForm(forms.Form):
    """A file, its format, and what may be left out of it."""

    source_format = forms.ChoiceField(label="Format")
    main = forms.FileField(
        label="File",
        help_text=f"As it was published; also .gz, or .zip with one file. At most {UPLOAD_MOST_BYTES >> 20} MB: larger ones"
        " with manage.py import_watchlist",
    )
    allow_malformed = forms.IntegerField(
        label="Malformed rows that may be left out",
        min_value=0,
        max_value=ALLOWED_MOST,
        initial=0,
        required=False,
        help_text="0: one malformed row refuses the file",
    )

    def __init__(self, *args: Any, watchlist: Watchlist, **options: Any):
        super().__init__(*args, **options)
        documents = watchlist.kind == Watchlist.Kind.DOCUMENT
        fitting = [known for known in FORMATS.values() if known.documents is documents]
        self.fields["source_format"].choices = [(known.code, known.title) for known in fitting]
        latest = watchlist.imports.order_by("-started_at").values_list("source_format", flat=True).first()
        self.fields["source_format"].initial = latest or fitting[0].code
        if any(known.companions for known in fitting):
            for kind, label in COMPANIONS.items():
                self.fields[kind] = forms.FileField(
                    label=label, required=False, help_text="Beside OFAC's file only", allow_empty_file=True
                )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        files = [cleaned[kind] for kind in (MAIN, *COMPANIONS) if cleaned.get(kind)]
        if sum(file.size for file in files) > UPLOAD_MOST_BYTES:
            self.add_error(MAIN, "The file is too large for the browser.")
        known = FORMATS.get(cleaned.get("source_format", ""))
        for kind in COMPANIONS:
            if known is not None and cleaned.get(kind) and kind not in known.companions:
                self.add_error(kind, "This format has no such file.")
        return cleaned

    def files_given(self) -> dict[str, Any]:
        """Return kind -> (name, pieces) of a form that is valid."""
        given = {kind: self.cleaned_data.get(kind) for kind in (MAIN, *COMPANIONS)}
        return {kind: (file.name, file.chunks()) for kind, file in given.items() if file}
