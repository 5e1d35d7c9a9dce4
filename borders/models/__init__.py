"""The border: places and people, inspections and what was found, crossings and stays, referrals, the outbox."""

from borders.models.crossings import Crossing, Stay
from borders.models.inspections import (
    Decision,
    Inspection,
    InspectionFinding,
    InspectionStep,
    Referral,
    TravelParty,
)
from borders.models.outbox import OutboxMessage
from borders.models.places import Booth, BoothSession, Country, Officer, PortOfEntry, PostAssignment

__all__ = [
    "Booth",
    "BoothSession",
    "Country",
    "Crossing",
    "Decision",
    "Inspection",
    "InspectionFinding",
    "InspectionStep",
    "Officer",
    "OutboxMessage",
    "PortOfEntry",
    "PostAssignment",
    "Referral",
    "Stay",
    "TravelParty",
]
