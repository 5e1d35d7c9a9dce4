"""What the visa checks are told of a seal."""

from datetime import datetime

from travelers.core.checks.chip_facts import MechanismResult
from travelers.core.checks.visa_facts import SealFacts
from travelers.core.chip.errors import Malformed
from travelers.core.chip.trust import TrustStore
from travelers.core.seals.vds import MAGIC, parse_seal
from travelers.core.seals.vds_nc import parse_vds_nc
from travelers.core.seals.verify import verify_seal, verify_vds_nc


def seal_facts(data: bytes, store: TrustStore, *, at: datetime) -> SealFacts:
    """Return a seal of either kind as the checks see it.

    data: octets of the bar code. The zone of a visa is signed without its optional data, and padded here.
    """
    try:
        if data[:1] != bytes([MAGIC]):
            found = parse_vds_nc(data)
            result = verify_vds_nc(found, store, at=at)
            lines: tuple[str, ...] = ()
            number = found.document_number
        else:
            seal = parse_seal(data)
            result = verify_seal(seal, store.seal_signers, store, at=at)
            lines, number = seal.zone, seal.passport_number
    except Malformed as error:
        return SealFacts(MechanismResult.MALFORMED, error.code)
    return SealFacts(MechanismResult(result.result.value), result.code, lines, number)
