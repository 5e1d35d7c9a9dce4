"""Sets of codes that several schemas use, each under one name in the description of the API."""

from audit.api.schema import named_choices
from watchlists.models import EntryName, Watchlist, WatchlistVersion
from watchlists.models.entries import DocumentKind, DocumentStatus

ListedDocumentKindField = named_choices("ListedDocumentKind", DocumentKind.values)
ListedDocumentStatusField = named_choices("ListedDocumentStatus", ["", *DocumentStatus.values])
EntryNameKindField = named_choices("EntryNameKind", EntryName.Kind.values)
WatchlistKindField = named_choices("WatchlistKind", Watchlist.Kind.values)
WatchlistVersionKindField = named_choices("WatchlistVersionKind", WatchlistVersion.Kind.values)
WatchlistVersionStateField = named_choices("WatchlistVersionState", WatchlistVersion.State.values)
RowResultField = named_choices(
    "RowResultCode", ("ADDED", "CHANGED", "UNCHANGED", "DELETED", "ABSENT", "REFUSED")
)
