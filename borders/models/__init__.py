"""The border: places and people, inspections and what was found, crossings and stays, referrals, protection, the outbox."""

from borders.models.crossings import Crossing, Stay
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
    ProtectionAnswer,
    ProtectionCase,
    ProtectionService,
)
from borders.models.rules import CheckRule, RuleTest

__all__ = [
    "AdvancePassengerManifest",
    "Booth",
    "BoothDevice",
    "BoothSession",
    "CheckRule",
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
    "Partner",
    "PartnerMinute",
    "PartnerProfile",
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
