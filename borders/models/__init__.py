"""The border: places and people, inspections and what was found, crossings and stays, referrals, protection, the outbox."""

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
    ProtectionAnswer,
    ProtectionCase,
    ProtectionService,
)
from borders.models.reviews import DecisionReview
from borders.models.rules import CheckRule, RuleTest

__all__ = [
    "AdvancePassengerManifest",
    "Booth",
    "BoothSession",
    "CheckRule",
    "Country",
    "Crossing",
    "Decision",
    "DecisionReview",
    "FacilitatorCase",
    "Inspection",
    "InspectionFinding",
    "InspectionStep",
    "ManifestPassenger",
    "Officer",
    "OutboxMessage",
    "PortOfEntry",
    "PostAssignment",
    "ProtectionAnswer",
    "ProtectionCase",
    "ProtectionService",
    "Referral",
    "RuleTest",
    "Stay",
    "TravelParty",
]
