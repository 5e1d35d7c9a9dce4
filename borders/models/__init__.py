"""The border: places, people, inspections and what was found, crossings, stays, referrals, protection, redress, the outbox."""

from borders.models.accounts import AccountChange
from borders.models.capture_faults import CaptureFault
from borders.models.captures import CaptureAhead
from borders.models.crossings import Crossing, Stay
from borders.models.custody import (
    DataSubject,
    Disclosure,
    ErasedCrossingCount,
    Erasure,
    ErasureRequest,
    LegalHold,
    OverstayNotice,
    RetentionClass,
    RetentionFile,
)
from borders.models.devices import BoothDevice
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
from borders.models.partners import Partner, PartnerMinute, PartnerProfile
from borders.models.places import Booth, BoothSession, Country, Officer, PortOfEntry, PostAssignment
from borders.models.protection import (
    FacilitatorCase,
    OwnerContact,
    ProtectionAnswer,
    ProtectionCase,
    ProtectionService,
)
from borders.models.redress import CorrectionRequest, RecordCorrection, RefusalGround, RefusalNotice
from borders.models.reviews import DecisionReview
from borders.models.rules import CheckRule, RuleTest
from borders.models.statistics import StatisticsRelease
from borders.models.training import TrainingRun

__all__ = [
    "AccountChange",
    "AdvancePassengerManifest",
    "Booth",
    "BoothDevice",
    "BoothSession",
    "CaptureAhead",
    "CaptureFault",
    "CheckRule",
    "CorrectionRequest",
    "Country",
    "Crossing",
    "DataSubject",
    "Decision",
    "DecisionReview",
    "Disclosure",
    "ErasedCrossingCount",
    "Erasure",
    "ErasureRequest",
    "FacilitatorCase",
    "Inspection",
    "InspectionFinding",
    "InspectionStep",
    "LegalHold",
    "ManifestPassenger",
    "Officer",
    "OutboxMessage",
    "OverstayNotice",
    "OwnerContact",
    "Partner",
    "PartnerMinute",
    "PartnerProfile",
    "PortOfEntry",
    "PostAssignment",
    "ProtectionAnswer",
    "ProtectionCase",
    "ProtectionService",
    "RecordCorrection",
    "Referral",
    "RefusalGround",
    "RefusalNotice",
    "RetentionClass",
    "RetentionFile",
    "RuleTest",
    "StatisticsRelease",
    "Stay",
    "TrainingRun",
    "TravelParty",
]
