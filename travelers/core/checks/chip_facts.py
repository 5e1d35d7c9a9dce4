"""What the chip rules look at: one result for each mechanism, and what the chip says of its holder."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class MechanismResult(StrEnum):
    """How one mechanism came out. What cannot be told is never VALID and never INVALID."""

    VALID = "VALID"
    INVALID = "INVALID"
    NO_TRUST_ANCHOR = "NO_TRUST_ANCHOR"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    NOT_PRESENT = "NOT_PRESENT"
    MALFORMED = "MALFORMED"
    UNDETERMINED = "UNDETERMINED"


class Mechanism(StrEnum):
    """The mechanisms of a chip that the rules ask about."""

    SIGNATURE = "signature"  # of EF.SOD, with its structure and signed attributes
    HASHES = "hashes"  # of the data groups, against EF.SOD
    CHAIN = "chain"  # document signer to CSCA
    REVOCATION = "revocation"
    COUNTRY = "country"  # CSCA, signer and issuing State are one, and sign this type of document
    COMMON = "common"  # EF.COM and EF.SOD list the same groups
    ACTIVE_AUTHENTICATION = "active_authentication"
    CHIP_AUTHENTICATION = "chip_authentication"


@dataclass(frozen=True, slots=True)
class MechanismFact:
    """result: of one mechanism. code: why, stable, "" where nothing is to be said."""

    result: MechanismResult
    code: str = ""


@dataclass(frozen=True, slots=True)
class ChipFacts:
    """One chip as the booth read it.

    attempted: the booth tried; without that nothing about the chip is asked. read: at least one file came.
    mechanisms: those that were looked at. dg1_lines: the zone in DG1, () without it. issue_date: of DG12.
    """

    attempted: bool = False
    read: bool = False
    mechanisms: Mapping[Mechanism, MechanismFact] = field(default_factory=dict)
    dg1_lines: tuple[str, ...] = ()
    issue_date: date | None = None
