"""What the record says about a crossing: stays, movement, use of the document, the party, the manifest.

No rule here looks at nationality.
"""

from biometrics.core.outcomes import Check
from borders.core.record_checks.document_face import (
    DOCUMENT_FACE,
    RECORD_FACE_CHECKS,
    judge_age,
    judge_document_face,
)
from borders.core.record_checks.history import Companion, History, PastCrossing, Post
from borders.core.record_checks.manifest import MANIFEST_CHECKS, MANIFEST_LISTED, Announced, check_manifest
from borders.core.record_checks.movement import (
    MOVEMENT_CHECKS,
    TRAVEL_SPEED,
    check_movement,
    distance_km,
    least_minutes,
)
from borders.core.record_checks.party import (
    GUARDIAN_CONSENT,
    PARTY_CHECKS,
    PARTY_MINOR_ACCOMPANIED,
    PARTY_UNRELATED_MINORS,
    PartyMember,
    age_at,
    check_party,
    latest_birth_date_of_adults,
    share_surname,
    surname_words,
    youngest_birth_date,
)
from borders.core.record_checks.protection import OBSERVATIONS, PROTECTION_CHECKS, check_protection
from borders.core.record_checks.stay import STAY_CHECKS, STAY_DIRECTION, STAY_OVERSTAY, check_stay

RECORD_CHECKS: tuple[Check, ...] = (
    *STAY_CHECKS,
    *PARTY_CHECKS,
    *RECORD_FACE_CHECKS,
    *MOVEMENT_CHECKS,
    *MANIFEST_CHECKS,
    *PROTECTION_CHECKS,
)

__all__ = [
    "DOCUMENT_FACE",
    "GUARDIAN_CONSENT",
    "MANIFEST_CHECKS",
    "MANIFEST_LISTED",
    "MOVEMENT_CHECKS",
    "OBSERVATIONS",
    "PARTY_CHECKS",
    "PARTY_MINOR_ACCOMPANIED",
    "PARTY_UNRELATED_MINORS",
    "PROTECTION_CHECKS",
    "RECORD_CHECKS",
    "STAY_CHECKS",
    "STAY_DIRECTION",
    "STAY_OVERSTAY",
    "TRAVEL_SPEED",
    "Announced",
    "Companion",
    "History",
    "PartyMember",
    "PastCrossing",
    "Post",
    "age_at",
    "check_manifest",
    "check_movement",
    "check_party",
    "check_protection",
    "check_stay",
    "distance_km",
    "judge_age",
    "judge_document_face",
    "latest_birth_date_of_adults",
    "least_minutes",
    "share_surname",
    "surname_words",
    "youngest_birth_date",
]
