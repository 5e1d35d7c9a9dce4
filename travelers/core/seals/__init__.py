"""Visible digital seals: signed bar codes on visas, emergency documents and certificates, read and verified offline.

Source: ICAO Doc 9303-13; BSI TR-03137 part 1, version 2.5. The booth reads the bar code; here are its octets.
"""

from travelers.core.seals.vds import Seal, parse_seal
from travelers.core.seals.vds_nc import NonConstrainedSeal, parse_vds_nc
from travelers.core.seals.verify import SealResult, verify_seal, verify_vds_nc

__all__ = [
    "NonConstrainedSeal",
    "Seal",
    "SealResult",
    "parse_seal",
    "parse_vds_nc",
    "verify_seal",
    "verify_vds_nc",
]
