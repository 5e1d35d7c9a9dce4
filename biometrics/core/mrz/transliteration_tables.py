"""The transliteration tables of Doc 9303-3, section 6, as data. Keys are upper-case letters.

Latin letters that only carry a mark (É, Š, Ő …) lose it and need no row.
"""


def _table(rows: str) -> dict[str, str]:
    """Read rows of "code point in hexadecimal : form", as the standard prints them."""
    pairs = (row.split(":") for row in rows.split())
    return {chr(int(code_point, 16)): form for code_point, form in pairs}


# section 6.A: letters without a decomposition, and letters with several forms, preferred first
LATIN: dict[str, tuple[str, ...]] = {
    "Ä": ("AE", "A"),
    "Å": ("AA", "A"),
    "Æ": ("AE",),
    "Ð": ("D",),
    "Đ": ("D",),
    "Ħ": ("H",),
    "Ĳ": ("IJ",),
    "Ŀ": ("L",),
    "Ł": ("L",),
    "Ñ": ("N", "NXX"),
    "Ŋ": ("N",),
    "Ö": ("OE", "O"),
    # the table has OE alone; O is kept as a form because it is met on documents
    "Ø": ("OE", "O"),
    "Œ": ("OE",),
    "ẞ": ("SS",),
    "Þ": ("TH",),
    "Ŧ": ("T",),
    "Ü": ("UE", "UXX", "U"),
}

# section 6.B; Ѓ, Ћ and Ь have no row there: the first two follow their Latin counterparts, Ь is dropped
CYRILLIC: dict[str, str] = _table(
    """
    0401:E 0402:D 0403:G 0404:IE 0405:DZ 0406:I 0407:I 0408:J 0409:LJ 040A:NJ 040B:C 040C:K 040E:U 040F:DZ
    0410:A 0411:B 0412:V 0413:G 0414:D 0415:E 0416:ZH 0417:Z 0418:I 0419:I 041A:K 041B:L 041C:M 041D:N
    041E:O 041F:P 0420:R 0421:S 0422:T 0423:U 0424:F 0425:KH 0426:TS 0427:CH 0428:SH 0429:SHCH 042A:IE
    042B:Y 042C: 042D:E 042E:IU 042F:IA 046A:U 0474:Y 0490:G 0492:G 04BA:C
    """
)
CYRILLIC_EXCEPTIONS: dict[str, dict[str, str]] = {
    "belarusian": {"Ё": "IO", "Г": "H"},
    "bulgarian": {"Щ": "SHT"},
    "macedonian": {"Ќ": "KJ", "Џ": "DJ", "Х": "H", "Ц": "C", "Ғ": "GJ"},
    "serbian": {"Г": "H", "Ж": "Z", "Х": "H", "Ц": "C", "Ч": "C", "Ш": "S"},
    "ukrainian": {"Г": "H", "И": "Y"},
}
# letters that Ukrainian writes otherwise at the head of a word
UKRAINIAN_INITIALS: dict[str, str] = {"Є": "YE", "Ї": "YI", "Й": "Y", "Ю": "YU", "Я": "YA"}

# section 6.C, and 06A4 and 06A5 of appendix B.5.4; "" is not encoded
ARABIC: dict[str, str] = _table(
    """
    0621:XE 0622:XAA 0623:XAE 0624:U 0625:I 0626:XI 0627:A 0628:B 0629:XTA 062A:T 062B:XTH 062C:J 062D:XH
    062E:XKH 062F:D 0630:XDH 0631:R 0632:Z 0633:S 0634:XSH 0635:XSS 0636:XDZ 0637:XTT 0638:XZZ 0639:E 063A:G
    0640: 0641:F 0642:Q 0643:K 0644:L 0645:M 0646:N 0647:H 0648:W 0649:XAY 064A:Y 064B: 064C: 064D: 064E:
    064F: 0650: 0652: 0670: 0671:XXA 0679:XXT 067C:XRT 067E:P 0681:XKE 0685:XXH 0686:XC 0688:XXD 0689:XDR
    0691:XXR 0693:XRR 0696:XRX 0698:XJ 069A:XXS 069C: 06A2: 06A4:V 06A5:XF 06A7: 06A8:
    06A9:XKK 06AB:XXK 06AD:XNG 06AF:XGG 06BA:XNN 06BC:XXN
    06BE:XDO 06C0:XYH 06C1:XXG 06C2:XGE 06C3:XTG 06CC:XYA 06CD:XXY 06D0:Y 06D2:XYB 06D3:XBE
    """
)
ARABIC_TEH_MARBUTA = "ة"
ARABIC_FINAL_TEH_MARBUTA = "XAH"
ARABIC_SHADDA = "\u0651"
