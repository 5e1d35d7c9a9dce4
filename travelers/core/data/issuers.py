"""What is known of issuers' documents: number formats, longest validity, first chip. Data, not law.

Every row says where it comes from and when somebody looked at it last. A row that nobody has confirmed
against the issuer's own publication or PRADO only informs: formats change, and old series stay valid for ten
years. A pattern therefore has every format known of documents that may still be in force. A supervisor
confirms rows of this table through the parameters of the rule, with a second person.

Patterns: A letter, 9 digit, X letter or digit; anything in brackets is a set of characters.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Issuer:
    """The passports of one issuing State.

    formats: of the number, any of them; () where none is known. adult_years, child_years: longest validity.
    child_below_years: age at issue below which child_years holds. chip_since: year from which every ordinary
    passport has a chip, None where that is not known. provenance, reviewed_on: of the row.
    """

    state: str
    formats: tuple[str, ...]
    adult_years: int = 10
    child_years: int = 5
    child_below_years: int = 16
    chip_since: int | None = None
    provenance: str = ""
    reviewed_on: date = date(2026, 11, 22)


PUBLIC = "public collections of number patterns, several of which agree; not confirmed by the issuer"
COMMON = "as printed on specimens in public registers; not confirmed by the issuer"

_ROWS: tuple[Issuer, ...] = (
    Issuer("AUS", ("A9999999", "AA9999999"), 10, 5, 16, 2005, PUBLIC),
    Issuer("AUT", ("A9999999", "AA9999999"), 10, 5, 12, 2006, PUBLIC),
    Issuer("BEL", ("AA999999",), 7, 5, 18, 2004, PUBLIC),
    Issuer("BGR", ("999999999",), 10, 5, 18, 2010, PUBLIC),
    Issuer("BRA", ("AA999999",), 10, 5, 18, 2011, PUBLIC),
    Issuer("CAN", ("AA999999", "A999999AA"), 10, 5, 16, 2013, PUBLIC),
    Issuer("CHE", ("A9999999", "AXX9999X9", "AXXXXXXX"), 10, 5, 18, 2010, COMMON),
    Issuer("CHN", ("G99999999", "E99999999", "E[A-HJ-NP-Z]9999999"), 10, 5, 16, 2012, PUBLIC),
    Issuer("CZE", ("99999999",), 10, 5, 15, 2006, PUBLIC),
    Issuer("D", ("[CFGHJKLMNPRTVWXYZ0-9]{9}",), 10, 6, 24, 2005, PUBLIC),
    Issuer("DNK", ("999999999",), 10, 5, 18, 2006, PUBLIC),
    Issuer("ESP", ("AA999999", "AAA999999"), 10, 5, 30, 2006, PUBLIC),
    Issuer("EST", ("A9999999", "AA9999999"), 10, 5, 15, 2007, PUBLIC),
    Issuer("FIN", ("AA9999999",), 5, 5, 18, 2006, PUBLIC),
    Issuer("FRA", ("99AA99999",), 10, 5, 18, 2006, PUBLIC),
    Issuer(
        "GBR", ("999999999",), 11, 6, 16, 2006, PUBLIC + "; up to nine months were carried over until 2018"
    ),
    Issuer("GRC", ("AA9999999",), 10, 5, 14, 2006, PUBLIC),
    Issuer("HUN", ("AA999999", "AA9999999"), 10, 5, 18, 2006, PUBLIC),
    Issuer("IND", ("A9999999",), 10, 10, 18, None, PUBLIC),
    Issuer("IRL", ("AA9999999", "X9999999", "XX9999999"), 10, 5, 18, 2006, COMMON),
    Issuer("ISL", ("A9999999",), 10, 5, 18, 2006, PUBLIC),
    Issuer("ITA", ("AA9999999",), 10, 5, 18, 2006, PUBLIC),
    Issuer("JPN", ("AA9999999",), 10, 5, 18, 2006, PUBLIC),
    Issuer("KEN", ("A9999999", "AA999999", "AA9999999"), 10, 10, 18, None, COMMON),
    Issuer("KOR", ("A99999999", "A999A9999"), 10, 5, 18, 2008, PUBLIC),
    Issuer("LTU", ("99999999", "X9999999"), 10, 5, 16, 2006, PUBLIC),
    Issuer("LVA", ("AA9999999",), 10, 5, 18, 2007, PUBLIC),
    Issuer("MEX", ("A99999999", "999999999", "99999999999"), 10, 6, 18, None, COMMON),
    Issuer("NGA", ("A99999999",), 10, 5, 18, 2007, COMMON),
    Issuer("NLD", ("[A-NP-Z][A-NP-Z][A-NP-Z0-9]{6}9",), 10, 5, 18, 2006, PUBLIC),
    Issuer("NOR", ("99999999", "AAA999999"), 10, 5, 16, 2005, COMMON),
    Issuer("NZL", ("AA999999",), 10, 5, 16, 2005, PUBLIC),
    Issuer("POL", ("AA9999999",), 10, 5, 13, 2006, PUBLIC),
    Issuer("PRT", ("A999999", "AA999999"), 10, 5, 25, 2006, COMMON),
    Issuer("ROU", ("99999999", "999999999"), 10, 5, 18, 2010, PUBLIC),
    Issuer("RUS", ("999999999",), 10, 10, 18, None, PUBLIC),
    Issuer("SWE", ("99999999", "AA999999"), 5, 5, 18, 2005, COMMON),
    Issuer("TUR", ("A99999999",), 10, 10, 18, 2010, PUBLIC),
    Issuer("UKR", ("AA999999",), 10, 4, 16, 2015, PUBLIC),
    Issuer("USA", ("999999999", "A99999999"), 10, 5, 16, 2007, PUBLIC),
    Issuer("ZAF", ("A99999999", "999999999"), 10, 5, 16, None, COMMON),
)

ISSUERS: Mapping[str, Issuer] = MappingProxyType({row.state: row for row in _ROWS})

# the longest validity that any row above has, for issuers that it does not have
USUAL_CHILD_YEARS, USUAL_CHILD_BELOW = 10, 18

# Documents that no State issues, by the code in the zone; supervisors add those that a booth has met. Codes that
# were withdrawn: ISO 3166-3.
FANTASY_CODES: Mapping[str, str] = MappingProxyType(
    {"WSA": "World Service Authority, so-called world passport"}
)
WITHDRAWN_CODES: Mapping[str, int] = MappingProxyType(
    # code -> year in which it was withdrawn; ten years on, nothing of it is in force
    {
        "ANT": 2010,
        "BUR": 1989,
        "CSK": 1993,
        "DDR": 1990,
        "SCG": 2006,
        "SUN": 1992,
        "TMP": 2002,
        "YUG": 2003,
        "ZAR": 1997,
    }
)
