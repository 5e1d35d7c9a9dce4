"""What is said of a chip: one result and one code for each mechanism, never one boolean."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from travelers.core.chip.portrait import Portrait


class Verdict(StrEnum):
    """How one mechanism came out. Only VALID is good; only INVALID and REVOKED accuse the document."""

    VALID = "VALID"
    INVALID = "INVALID"
    NO_TRUST_ANCHOR = "NO_TRUST_ANCHOR"
    REVOKED = "REVOKED"
    EXPIRED = "EXPIRED"
    NOT_PRESENT = "NOT_PRESENT"
    MALFORMED = "MALFORMED"


# the summary takes the first that occurs
GRAVITY: tuple[Verdict, ...] = (
    Verdict.MALFORMED,
    Verdict.INVALID,
    Verdict.REVOKED,
    Verdict.EXPIRED,
    Verdict.NO_TRUST_ANCHOR,
    Verdict.NOT_PRESENT,
    Verdict.VALID,
)


class Mechanism(StrEnum):
    """Each is judged for itself (docs/chip.md)."""

    SIGNATURE = "signature"
    HASHES = "hashes"
    CHAIN = "chain"
    VALIDITY = "validity"
    COUNTRY = "country"
    KEY_USAGE = "key_usage"
    REVOCATION = "revocation"
    COMMON = "common"
    CONTENT = "content"
    ACTIVE_AUTHENTICATION = "active_authentication"
    CHIP_AUTHENTICATION = "chip_authentication"


CLONE_MECHANISMS = (Mechanism.ACTIVE_AUTHENTICATION, Mechanism.CHIP_AUTHENTICATION)
# a group that its hash vouches for and that cannot be parsed is the State's own mistake, no sign of tampering
PASSIVE_MECHANISMS = tuple(m for m in Mechanism if m not in (*CLONE_MECHANISMS, Mechanism.CONTENT))
# without these a document may still be good; the others must have been done
OPTIONAL_MECHANISMS = (Mechanism.REVOCATION, Mechanism.COMMON)


@dataclass(frozen=True, slots=True)
class MechanismResult:
    """One mechanism. code: stable, upper case; "OK" for VALID.

    signer: subject of the certificate that vouches, "" if none. algorithm: of its signature, e.g.
    "rsa-pss-sha256". elapsed_ms: time spent on it. detail: evidence, JSON values; `weaknesses` and
    `tolerances` in it are lists of codes that change no result.
    """

    mechanism: Mechanism
    result: Verdict
    code: str
    signer: str = ""
    algorithm: str = ""
    elapsed_ms: float = 0.0
    detail: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChipResult:
    """Everything said of one chip.

    mechanisms: one for each Mechanism. groups_presented, groups_in_sod, groups_in_com: data group numbers,
    ascending; None where the file that lists them is missing or unreadable. dg1_lines: the MRZ of data group
    1, () if it is missing. issue_date: of data group 12. portrait: of data group 2. elapsed_ms: all together.
    """

    mechanisms: Mapping[Mechanism, MechanismResult]
    groups_presented: tuple[int, ...] = ()
    groups_in_sod: tuple[int, ...] | None = None
    groups_in_com: tuple[int, ...] | None = None
    dg1_lines: tuple[str, ...] = ()
    issue_date: date | None = None
    portrait: Portrait | None = None
    elapsed_ms: float = 0.0

    @property
    def passive_authentication(self) -> MechanismResult:
        """Return the gravest of the mechanisms of passive authentication, for a list; never the whole answer."""
        return gravest(self.mechanisms[m] for m in PASSIVE_MECHANISMS)


def gravest(results: Iterable[MechanismResult]) -> MechanismResult:
    """Return the gravest result by GRAVITY; optional mechanisms that are not present do not count."""
    given = tuple(results)
    counted = [
        r for r in given if not (r.mechanism in OPTIONAL_MECHANISMS and r.result is Verdict.NOT_PRESENT)
    ]
    return min(counted or given, key=lambda r: GRAVITY.index(r.result))
