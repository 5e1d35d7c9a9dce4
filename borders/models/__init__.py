"""The border: places and people, inspections and what was found, crossings and stays, referrals, protection, the outbox."""

from borders.models.crossings import Crossing, Stay
from borders.models.custody import (
    DataSubject,
    Disclosure,
    ErasedCrossingCount,
    Erasure,
    LegalHold,
    OverstayNotice,
    RetentionClass,
    RetentionFile,
)
from borders.models.inspections import (
    Decision,
    Inspection,
    InspectionFinding,
    InspectionStep,
    Referral,
    TravelParty,
)
from borders.models.manifests import AdvancePassengerManifest, ManifestPassenger
from borders.models.outbox import OutboxMessage
from borders.models.places import Booth, BoothSession, Country, Officer, PortOfEntry, PostAssignment
from borders.models.protection import (
    FacilitatorCase,
    ProtectionAnswer,
    ProtectionCase,
    ProtectionService,
)
from borders.models.rules import CheckRule, RuleTest

__all__ = [
    "AdvancePassengerManifest",
    "Booth",
    "BoothSession",
    "CheckRule",
    "Country",
    "Crossing",
    "DataSubject",
    "Decision",
    "Disclosure",
    "ErasedCrossingCount",
    "Erasure",
    "FacilitatorCase",
    "Inspection",
    "InspectionFinding",
    "InspectionStep",
    "LegalHold",
    "ManifestPassenger",
    "Officer",
    "OutboxMessage",
    "OverstayNotice",
    "PortOfEntry",
    "PostAssignment",
    "ProtectionAnswer",
    "ProtectionCase",
    "ProtectionService",
    "Referral",
    "RetentionClass",
    "RetentionFile",
    "RuleTest",
    "Stay",
    "TravelParty",
]
