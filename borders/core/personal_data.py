"""The map of personal data: what becomes of each column of every table when its person is erased. A test demands it whole.

Tables are reached from the inspections, travellers and what hangs on them (`Scope`). What stays is a code, a count, a time or
an id; docs/data-protection.md says why that exposes nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class Scope(StrEnum):
    """The sets of ids that an erasure gathers first."""

    INSPECTIONS = "INSPECTIONS"
    READINGS = "READINGS"
    IMAGES = "IMAGES"
    TEMPLATES = "TEMPLATES"
    CHIPS = "CHIPS"
    SCREENINGS = "SCREENINGS"
    CROSSINGS = "CROSSINGS"
    PARTIES = "PARTIES"
    TRAVELERS = "TRAVELERS"
    RECORDS = "RECORDS"
    """Inspections, readings, crossings, stays, travellers and documents: whatever a correction may be about."""


class Treatment(StrEnum):
    """What becomes of a column."""

    BLANK = "BLANK"
    """The empty value of its kind: "", {}, [], no octets."""
    NULL = "NULL"
    """No value, no link."""
    WORD = "WORD"
    """The word "erased", where a constraint wants some text."""
    OWN_ID = "OWN_ID"
    """The row's own id, where a constraint wants a value of its own."""
    DAY = "DAY"
    """The time of day is dropped."""
    NOBODY = "NOBODY"
    """The traveller who stands for everybody erased."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table. lookup: from a set of ids to its rows. treated: column to treatment. kept: columns that are no personal data.

    deleted: whole rows go.
    """

    scope: Scope
    lookup: str
    treated: Mapping[str, Treatment] = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    deleted: bool = False


def _of(scope: Scope, lookup: str, kept: str = "", **treated: str) -> Table:
    columns = {name: treatment for treatment, names in treated.items() for name in names.split()}
    return Table(
        scope,
        lookup,
        MappingProxyType({n: Treatment(t.upper()) for n, t in columns.items()}),
        tuple(kept.split()),
    )


def _gone(scope: Scope, lookup: str) -> Table:
    return Table(scope, lookup, deleted=True)


# in the order in which they are treated: links go before what they lead to
ERASED: Mapping[str, Table] = MappingProxyType(
    {
        "watchlists.TravelerKey": _gone(Scope.SCREENINGS, "screening_id__in"),
        "watchlists.TravelerSearchForm": _gone(Scope.SCREENINGS, "screening_id__in"),
        "watchlists.AdjudicationReview": _of(
            Scope.SCREENINGS, "adjudication__hit__screening_id__in", "verdict", word="reason"
        ),
        "watchlists.MatchException": _of(
            Scope.SCREENINGS, "adjudication__hit__screening_id__in", "kind", own_id="presented_hash"
        ),
        "watchlists.Adjudication": _of(
            Scope.SCREENINGS, "hit__screening_id__in", "answer", word="reason", blank="evidence"
        ),
        "watchlists.Lead": _of(
            Scope.SCREENINGS, "screening_id__in", "kind state", blank="explanation closing_note"
        ),
        "watchlists.Hit": _of(
            Scope.SCREENINGS, "screening_id__in", "kind state score_version", blank="explanation"
        ),
        "watchlists.Screening": _of(
            Scope.SCREENINGS,
            "id__in",
            "status reason list_versions",
            blank="presented excepted withheld",
            null="port_id inspection_id",
            day="at",
        ),
        "borders.RecordCorrection": _of(
            Scope.RECORDS, "record_id__in", "record_type field", blank="was value"
        ),
        "borders.CorrectionRequest": _of(
            Scope.RECORDS,
            "record_id__in",
            "reference record_type field requester language due_on state",
            blank="recorded_value asked_value",
            word="statement reason",
        ),
        "borders.RefusalNotice": _of(
            Scope.INSPECTIONS, "decision__inspection_id__in", "reference grounds authority appeal_until"
        ),
        "borders.CaptureFault": _of(Scope.INSPECTIONS, "inspection_id__in", "fault"),
        "borders.DecisionReview": _of(Scope.INSPECTIONS, "inspection_id__in", "cause state", word="reason"),
        "borders.ProtectionAnswer": _gone(Scope.INSPECTIONS, "case__inspection_id__in"),
        "borders.ProtectionCase": _of(Scope.INSPECTIONS, "inspection_id__in", "cause state outcome"),
        "borders.FacilitatorCase": _of(Scope.INSPECTIONS, "inspection_id__in", blank="indicators"),
        "borders.Referral": _of(
            Scope.INSPECTIONS, "inspection_id__in", "route reasons state port", word="answer"
        ),
        "borders.Decision": _of(
            Scope.INSPECTIONS, "inspection_id__in", "line outcome advice port", word="reason"
        ),
        "borders.InspectionFinding": _of(
            Scope.INSPECTIONS, "inspection_id__in", "step code outcome severity route reason", blank="detail"
        ),
        "borders.InspectionStep": _of(Scope.INSPECTIONS, "inspection_id__in", "step state code"),
        "borders.OverstayNotice": _gone(Scope.CROSSINGS, "stay__entry_id__in"),
        "borders.Stay": _gone(Scope.CROSSINGS, "entry_or_exit"),
        "borders.Crossing": _of(
            Scope.CROSSINGS,
            "id__in",
            "direction transport_mode",
            blank="conveyance purpose_of_travel address_of_stay",
            nobody="traveler",
            null="document party",
            day="occurred_at received_at",
        ),
        "borders.Inspection": _of(
            Scope.INSPECTIONS,
            "id__in",
            "direction state advice reasons",
            own_id="client_reference",
            blank="request_sha256 conveyance purpose_of_travel address_of_stay printed printed_read visa_lines observations",
            null="seal traveler document party screening",
        ),
        "borders.TravelParty": _of(Scope.PARTIES, "id__in", own_id="reference"),
        "travelers.ChipFile": _of(Scope.CHIPS, "chip_id__in", "name", blank="content sha256"),
        "travelers.ChipVerification": _of(
            Scope.CHIPS,
            "chip_id__in",
            "groups_presented groups_in_sod groups_in_com portrait_refusal",
            blank="mechanisms dg1_lines",
            null="issue_date",
        ),
        "travelers.ChipReading": _of(Scope.CHIPS, "id__in", blank="evidence"),
        "travelers.DocumentReading": _of(
            Scope.READINGS,
            "id__in",
            "source status reason layout reader_version",
            blank="lines_read lines confidences doubtful repairs check_digits document_code issuing_state document_number "
            "primary_identifier secondary_identifier nationality birth_date_raw sex expiry_date_raw",
            null="birth_date expiry_date",
        ),
        "travelers.Enrolment": _gone(Scope.TEMPLATES, "template_id__in"),
        "biometrics.IdentificationOpinion": _of(
            Scope.TEMPLATES, "review__comparison__probe_id__in", "answer", word="reason"
        ),
        "biometrics.IdentificationReview": _of(
            Scope.TEMPLATES, "comparison__probe_id__in", "state", null="port_id"
        ),
        "biometrics.AdjudicatedComparison": _of(
            Scope.TEMPLATES, "comparison__probe_id__in", "sex age_band document_type", null="subject_id"
        ),
        "biometrics.Comparison": _of(Scope.TEMPLATES, "probe_id__in", "kind outcome", blank="candidates"),
        "biometrics.Template": _of(
            Scope.TEMPLATES, "id__in", "engine engine_version", blank="vector box quality"
        ),
        "biometrics.CapturedImage": _of(Scope.IMAGES, "id__in", "kind key media_type", blank="sha256"),
        "borders.RetentionFile": _gone(Scope.TRAVELERS, "traveler_id__in"),
        "travelers.TravelDocument": _gone(Scope.TRAVELERS, "traveler_id__in"),
        "travelers.Traveler": _gone(Scope.TRAVELERS, "id__in"),
    }
)

_OFFICERS = "accounts and posts of the service"
_RULES = "rules, thresholds and their history"
_LISTS = "watchlists: their owners' periods and review dates, not a traveller's"
_TRUST = "certificates of States"
_PLACES = "places and offices"
_IDS = "ids, counts, times and codes only"

# no column of these holds anything of a traveller, or a period of their own erases them
OUTSIDE: Mapping[str, str] = MappingProxyType(
    {
        "audit.AuditEntry": "ids and codes only; kept a year longer than the data (Article 46)",
        "audit.WaitingEntry": _IDS,
        "audit.WriteNote": _IDS,
        "audit.AuditBlock": "hashes of the trail, which holds ids only",
        "audit.AuditPruning": "which blocks of the trail were removed, when and why",
        "audit.HeadSeen": _IDS,
        "audit.Heartbeat": _IDS,
        "borders.BoothDevice": "devices and their public keys",
        "borders.Partner": "systems of other authorities",
        "borders.PartnerProfile": _RULES,
        "borders.PartnerMinute": _IDS,
        "borders.OwnerContact": "offices",
        "borders.RefusalGround": _RULES,
        "borders.TrainingRun": "exercises with invented persons",
        "biometrics.OperatingPoint": _RULES,
        "biometrics.Gallery": _IDS,
        "biometrics.GalleryMember": _IDS,
        "biometrics.GalleryIndex": _IDS,
        "biometrics.SubjectKey": _IDS,
        "biometrics.AccuracyMeasurement": "rates by month and group, small groups hidden",
        "biometrics.DeduplicationRun": _IDS,
        "biometrics.DeduplicationPair": _IDS,
        "travelers.TrustedCertificate": _TRUST,
        "travelers.RevocationList": _TRUST,
        "travelers.TrustStoreVersion": _TRUST,
        "travelers.TrustStoreCertificate": _TRUST,
        "travelers.TrustStoreRevocationList": _TRUST,
        "watchlists.Watchlist": _LISTS,
        "watchlists.WatchlistVersion": _LISTS,
        "watchlists.WatchlistEntry": _LISTS,
        "watchlists.VersionEntry": _LISTS,
        "watchlists.EntryName": _LISTS,
        "watchlists.EntryDocument": _LISTS,
        "watchlists.EntryDocumentRange": _LISTS,
        "watchlists.EntryFace": _LISTS,
        "watchlists.EntryKey": _LISTS,
        "watchlists.EntrySearchForm": _LISTS,
        "watchlists.KeyRules": _LISTS,
        "watchlists.NameFrequencies": _LISTS,
        "watchlists.ImportRun": _LISTS,
        "watchlists.UploadPart": _LISTS,
        "watchlists.RetroScreeningRun": _LISTS,
        "watchlists.OwnerNotice": _IDS,
        "watchlists.ListThreshold": _RULES,
        "watchlists.SelfTestRun": _RULES,
        "borders.Country": _PLACES,
        "borders.PortOfEntry": _PLACES,
        "borders.Booth": _PLACES,
        "borders.Officer": _OFFICERS,
        "borders.PostAssignment": _OFFICERS,
        "borders.BoothSession": _OFFICERS,
        "borders.AccountChange": _OFFICERS,
        "borders.RetentionClass": _RULES,
        "borders.LegalHold": "ids and the authority's file number",
        "borders.Erasure": _IDS,
        "borders.ErasureRequest": "ids and file numbers",
        "borders.ErasedCrossingCount": "counts of one attribute at a time",
        "borders.StatisticsRelease": "counts from which nobody can be derived",
        "borders.Disclosure": "ids, recipients and names of fields; kept with the logs",
        "borders.AdvancePassengerManifest": "class MANIFEST",
        "borders.ManifestPassenger": "class MANIFEST",
        "borders.CaptureAhead": "sealed under a key of the day, destroyed the next; deleted ten minutes after it was taken",
        "borders.OutboxMessage": _IDS,
        "borders.ProtectionService": _PLACES,
        "borders.CheckRule": _RULES,
        "borders.RuleTest": _RULES,
    }
)
