"""Codes of States, organisations and persons, as they stand in the MRZ. Source: Doc 9303-3, section 5.

A literal table, because reading a package's files is no business of core. A test compares ISO_ALPHA_3 with
pycountry.
"""

_ISO_ALPHA_3 = """
    ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATA ATF ATG AUS AUT AZE BDI BEL BEN BES BFA BGD BGR BHR
    BHS BIH BLM BLR BLZ BMU BOL BRA BRB BRN BTN BVT BWA CAF CAN CCK CHE CHL CHN CIV CMR COD COG COK COL
    COM CPV CRI CUB CUW CXR CYM CYP CZE DEU DJI DMA DNK DOM DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK
    FRA FRO FSM GAB GBR GEO GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM GUF GUM GUY HKG HMD HND HRV
    HTI HUN IDN IMN IND IOT IRL IRN IRQ ISL ISR ITA JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT LAO
    LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG
    MNP MOZ MRT MSR MTQ MUS MWI MYS MYT NAM NCL NER NFK NGA NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN PCN
    PER PHL PLW PNG POL PRI PRK PRT PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SGS SHN SJM SLB SLE
    SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON TTO
    TUN TUR TUV TWN TZA UGA UKR UMI URY USA UZB VAT VCT VEN VGB VIR VNM VUT WLF WSM YEM ZAF ZMB ZWE
"""
# ISO 3166-1 alpha-3
ISO_ALPHA_3: frozenset[str] = frozenset(_ISO_ALPHA_3.split())

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
