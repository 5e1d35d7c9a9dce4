"""The chip of an electronic document: read it, and say of each mechanism whether it holds.

Source: ICAO Doc 9303-10 (files), -11 (protocols), -12 (certificates). docs/chip.md has every code.
"""

from travelers.core.chip.active_authentication import ActiveAuthenticationEvidence
from travelers.core.chip.chip_authentication import ChipAuthenticationEvidence
from travelers.core.chip.errors import Invalid, Malformed
from travelers.core.chip.portrait import Portrait
from travelers.core.chip.result import ChipResult, Mechanism, MechanismResult, Verdict
from travelers.core.chip.trust import TrustStore, build_trust_store
from travelers.core.chip.verify import ChipFiles, verify_chip

__all__ = [
    "ActiveAuthenticationEvidence",
    "ChipAuthenticationEvidence",
    "ChipFiles",
    "ChipResult",
    "Invalid",
    "Malformed",
    "Mechanism",
    "MechanismResult",
    "Portrait",
    "TrustStore",
    "Verdict",
    "build_trust_store",
    "verify_chip",
]
