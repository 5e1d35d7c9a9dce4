"""Which two-letter country code of certificates belongs to which three-letter code of the MRZ.

Sources: ISO 3166-1; Doc 9303-3 section 5 and Doc 9303-12 section 7.1.1 for what ISO does not list. A literal
table, because reading a package's files is no business of core; a test compares it with pycountry.
"""

from travelers.core.codes import normalise_code

# alpha-3 and alpha-2 in one word
_PAIRS = """
    ABWAW AFGAF AGOAO AIAAI ALAAX ALBAL ANDAD AREAE ARGAR ARMAM ASMAS ATAAQ ATFTF ATGAG AUSAU AUTAT
    AZEAZ BDIBI BELBE BENBJ BESBQ BFABF BGDBD BGRBG BHRBH BHSBS BIHBA BLMBL BLRBY BLZBZ BMUBM BOLBO
    BRABR BRBBB BRNBN BTNBT BVTBV BWABW CAFCF CANCA CCKCC CHECH CHLCL CHNCN CIVCI CMRCM CODCD COGCG
    COKCK COLCO COMKM CPVCV CRICR CUBCU CUWCW CXRCX CYMKY CYPCY CZECZ DEUDE DJIDJ DMADM DNKDK DOMDO
    DZADZ ECUEC EGYEG ERIER ESHEH ESPES ESTEE ETHET FINFI FJIFJ FLKFK FRAFR FROFO FSMFM GABGA GBRGB
    GEOGE GGYGG GHAGH GIBGI GINGN GLPGP GMBGM GNBGW GNQGQ GRCGR GRDGD GRLGL GTMGT GUFGF GUMGU GUYGY
    HKGHK HMDHM HNDHN HRVHR HTIHT HUNHU IDNID IMNIM INDIN IOTIO IRLIE IRNIR IRQIQ ISLIS ISRIL ITAIT
    JAMJM JEYJE JORJO JPNJP KAZKZ KENKE KGZKG KHMKH KIRKI KNAKN KORKR KWTKW LAOLA LBNLB LBRLR LBYLY
    LCALC LIELI LKALK LSOLS LTULT LUXLU LVALV MACMO MAFMF MARMA MCOMC MDAMD MDGMG MDVMV MEXMX MHLMH
    MKDMK MLIML MLTMT MMRMM MNEME MNGMN MNPMP MOZMZ MRTMR MSRMS MTQMQ MUSMU MWIMW MYSMY MYTYT NAMNA
    NCLNC NERNE NFKNF NGANG NICNI NIUNU NLDNL NORNO NPLNP NRUNR NZLNZ OMNOM PAKPK PANPA PCNPN PERPE
    PHLPH PLWPW PNGPG POLPL PRIPR PRKKP PRTPT PRYPY PSEPS PYFPF QATQA REURE ROURO RUSRU RWARW SAUSA
    SDNSD SENSN SGPSG SGSGS SHNSH SJMSJ SLBSB SLESL SLVSV SMRSM SOMSO SPMPM SRBRS SSDSS STPST SURSR
    SVKSK SVNSI SWESE SWZSZ SXMSX SYCSC SYRSY TCATC TCDTD TGOTG THATH TJKTJ TKLTK TKMTM TLSTL TONTO
    TTOTT TUNTN TURTR TUVTV TWNTW TZATZ UGAUG UKRUA UMIUM URYUY USAUS UZBUZ VATVA VCTVC VENVE VGBVG
    VIRVI VNMVN VUTVU WLFWF WSMWS YEMYE ZAFZA ZMBZM ZWEZW"""
ALPHA_2: dict[str, str] = {word[:3]: word[3:] for word in _PAIRS.split()}

_FURTHER: dict[str, frozenset[str]] = {
    "D": frozenset(("DE",)),
    "CHN": frozenset(("CN", "HK", "MO")),  # the special administrative regions sign by themselves
    "EUE": frozenset(("EU",)),
    "GBD": frozenset(("GB", "AI", "BM", "FK", "GI", "IO", "KY", "MS", "PN", "SH", "TC", "VG")),
    "GBN": frozenset(("GB",)),
    "GBO": frozenset(("GB",)),
    "GBP": frozenset(("GB",)),
    "GBS": frozenset(("GB",)),
    "RKS": frozenset(("KS", "XK")),
    "UNA": frozenset(("UN",)),
    "UNK": frozenset(("UN", "KS")),
    "UNO": frozenset(("UN",)),
    "UTO": frozenset(("UT",)),
    "XOM": frozenset(("XO", "XM")),
    "XPO": frozenset(("XP",)),
}


def alpha_2_of(issuing_state: str) -> frozenset[str]:
    """Return the two-letter codes under which an issuing State may sign; empty for a code that is not known.

    issuing_state: as in the MRZ, with or without fillers.
    """
    code = normalise_code(issuing_state)
    if code in _FURTHER:
        return _FURTHER[code]
    return frozenset((ALPHA_2[code],)) if code in ALPHA_2 else frozenset()
