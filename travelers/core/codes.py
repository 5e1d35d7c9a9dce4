"""Codes of States, organisations and persons, as they stand in the MRZ. Source: Doc 9303-3, section 5.

The table of ISO 3166-1 is that of the MRZ reader, literal because reading a package's files is no business of core; a test
compares it with pycountry.
"""

from biometrics.core.mrz.state_codes import ISO_ALPHA_3

# what Doc 9303-3 section 5 has besides; the list is to be confirmed against each new edition
FURTHER_CODES: dict[str, str] = {
    "D": "Germany",
    "EUE": "European Union",
    "GBD": "British Overseas Territories citizen",
    "GBN": "British National (Overseas)",
    "GBO": "British Overseas citizen",
    "GBP": "British protected person",
    "GBS": "British subject",
    "NTZ": "Neutral Zone",
    "RKS": "Kosovo",
    "UNA": "Specialised agency of the United Nations",
    "UNK": "Resident of Kosovo, issued by the United Nations",
    "UNO": "United Nations",
    "UTO": "Utopia, on specimens",
    "XBA": "African Development Bank",
    "XCC": "Caribbean Community",
    "XCE": "Council of Europe",
    "XCO": "Common Market for Eastern and Southern Africa",
    "XDC": "Southern African Development Community",
    "XEC": "Economic Community of West African States",
    "XES": "Organization of Eastern Caribbean States",
    "XIM": "African Export-Import Bank",
    "XMP": "Parliamentary Assembly of the Mediterranean",
    "XOM": "Sovereign Military Order of Malta",
    "XPO": "INTERPOL",
    "XXA": "Stateless person (1954 Convention)",
    "XXB": "Refugee (1951 Convention)",
    "XXC": "Refugee, other",
    "XXX": "Unspecified nationality",
}

# names of States that two codes stand for; the MRZ of Germany has one letter
_SAME_STATE: dict[str, str] = {"DEU": "D"}

KNOWN_CODES: frozenset[str] = ISO_ALPHA_3 | frozenset(FURTHER_CODES)


def normalise_code(code: str) -> str:
    """Return a code as the MRZ has it, fillers taken off and DEU as D. code: any text."""
    bare = code.strip().upper().rstrip("<")
    return _SAME_STATE.get(bare, bare)


def is_known_code(code: str) -> bool:
    """Tell whether a code stands for a State, an organisation or a group of persons.

    code: without fillers.
    """
    return code in KNOWN_CODES
