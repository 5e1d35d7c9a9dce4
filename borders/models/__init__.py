"""The border: places, people, inspections and what was found, crossings, stays, referrals, protection, redress, the outbox."""

from borders.models.crossings import Crossing, Stay
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
    OwnerContact,
    ProtectionAnswer,
    ProtectionCase,
    ProtectionService,
)
from borders.models.redress import CorrectionRequest, RecordCorrection, RefusalGround, RefusalNotice
from borders.models.rules import CheckRule, RuleTest
from borders.models.training import TrainingRun

__all__ = [
    "AdvancePassengerManifest",
    "Booth",
    "BoothSession",
    "CheckRule",
    "CorrectionRequest",
    "Country",
    "Crossing",
    "Decision",
    "FacilitatorCase",
    "Inspection",
    "InspectionFinding",
    "InspectionStep",
    "ManifestPassenger",
    "Officer",
    "OutboxMessage",
    "OwnerContact",
    "PortOfEntry",
    "PostAssignment",
    "ProtectionAnswer",
    "ProtectionCase",
    "ProtectionService",
    "RecordCorrection",
    "Referral",
    "RefusalGround",
    "RefusalNotice",
    "RuleTest",
    "Stay",
    "TrainingRun",
    "TravelParty",
]
