"""What the document checks are told of a chip."""

from travelers.core.checks.chip_facts import ChipFacts, MechanismFact
from travelers.core.checks.chip_facts import Mechanism as CheckedMechanism
from travelers.core.checks.chip_facts import MechanismResult as CheckedResult
from travelers.core.chip.result import ChipResult, Mechanism, MechanismResult, Verdict, gravest

# what could have been told of this chip and was not: never passed, and no reason to call it forged
_NOT_TOLD = frozenset(
    (
        "SOD_NOT_PRESENT",
        "SOD_MALFORMED",
        "GROUPS_NOT_PRESENT",
        "CRL_NOT_PRESENT",
        "CRL_NOT_CURRENT",
        "KEY_NOT_READ",
        "EVIDENCE_NOT_PRESENT",
        "ALGORITHM_NOT_READ",
    )
)

# one rule asks about several mechanisms; the gravest speaks
_TOLD = {
    CheckedMechanism.SIGNATURE: (Mechanism.SIGNATURE,),
    CheckedMechanism.HASHES: (Mechanism.HASHES,),
    CheckedMechanism.CHAIN: (Mechanism.CHAIN, Mechanism.VALIDITY, Mechanism.KEY_USAGE),
    CheckedMechanism.REVOCATION: (Mechanism.REVOCATION,),
    CheckedMechanism.COUNTRY: (Mechanism.COUNTRY,),
    CheckedMechanism.COMMON: (Mechanism.COMMON,),
    CheckedMechanism.ACTIVE_AUTHENTICATION: (Mechanism.ACTIVE_AUTHENTICATION,),
    CheckedMechanism.CHIP_AUTHENTICATION: (Mechanism.CHIP_AUTHENTICATION,),
}


def chip_facts(result: ChipResult | None, *, attempted: bool = False) -> ChipFacts:
    """Return a chip's result as the document checks see it.

    result: None if no file was sent. attempted: the booth says that it tried to read a chip.
    """
    if result is None:
        return ChipFacts(attempted=attempted)
    mechanisms = {}
    for told, asked in _TOLD.items():
        found = gravest(result.mechanisms[m] for m in asked)
        mechanisms[told] = MechanismFact(_result(found), found.code)
    return ChipFacts(
        attempted=True,
        read=True,
        mechanisms=mechanisms,
        dg1_lines=result.dg1_lines,
        issue_date=result.issue_date,
    )


def _result(found: MechanismResult) -> CheckedResult:
    if found.result is Verdict.NOT_PRESENT and found.code in _NOT_TOLD:
        return CheckedResult.UNDETERMINED
    return CheckedResult(found.result.value)
