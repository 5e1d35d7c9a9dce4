"""What pages print beside their values, and how they write months, as data: one row a field and language.

Words are written without marks, in capitals, as `normalise` gives them. A language is missing rather than
guessed; a label that is not known costs an answer, a wrong one would cost a false alarm.
"""

import operator
import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum


class PrintedName(StrEnum):
    """The printed fields that are looked for. NAME: both identifiers in one place. OTHER: of no interest."""

    DOCUMENT_NUMBER = "document_number"
    PRIMARY_IDENTIFIER = "primary_identifier"
    SECONDARY_IDENTIFIER = "secondary_identifier"
    NAME = "name"
    BIRTH_DATE = "birth_date"
    EXPIRY_DATE = "expiry_date"
    ISSUE_DATE = "issue_date"
    SEX = "sex"
    NATIONALITY = "nationality"
    OTHER = "other"


# rows: English | French | Spanish | Portuguese | German | Italian | Dutch | Polish | Arabic in Latin letters; "," parts
# the forms of one language. Doc 9303-4, section 4.1 asks for English, French or Spanish on every page
LABELS: Mapping[PrintedName, str] = {
    PrintedName.DOCUMENT_NUMBER: """
        PASSPORT NO, PASSPORT NUMBER, DOCUMENT NO, DOCUMENT NUMBER, CARD NO, CARD NUMBER
        | NO DU PASSEPORT, N DU PASSEPORT, N DE PASSEPORT, NO DE PASSEPORT, NUMERO DE PASSEPORT, NUMERO DE DOCUMENT,
          N DE DOCUMENT, N DU DOCUMENT, NO DE LA CARTE, CARTE NATIONALE D IDENTITE N, CARTE NATIONALE D IDENTITE NO
        | NUMERO DE PASAPORTE, NUM DE PASAPORTE, PASAPORTE NO, NUM SOPORT, NUMERO DE DOCUMENTO, NUM DE DOCUMENTO
        | PASSAPORTE NO, NO DO PASSAPORTE, NUMERO DO PASSAPORTE, NO DOCUMENTO
        | PASS NR, PASSNUMMER, REISEPASS NR, AUSWEISNUMMER, DOKUMENTENNUMMER
        | PASSAPORTO N, NUMERO PASSAPORTO, CARTA N | PASPOORTNUMMER, DOCUMENTNUMMER, PASPOORT NR
        | NUMER PASZPORTU, SERIA I NUMER PASZPORTU | RAQM AL JAWAZ""",
    PrintedName.PRIMARY_IDENTIFIER: """
        SURNAME, SURNAMES, LAST NAME, FAMILY NAME, PRIMARY IDENTIFIER | NOM, NOM DE FAMILLE, IDENTIFIANT PRIMAIRE
        | APELLIDO, APELLIDOS | APELIDO, APELIDOS, SOBRENOME | FAMILIENNAME, NACHNAME | COGNOME
        | ACHTERNAAM, GESLACHTSNAAM | NAZWISKO | AL LAQAB, ISM AL AILA""",
    PrintedName.SECONDARY_IDENTIFIER: """
        GIVEN NAMES, GIVEN NAME, FIRST NAME, FIRST NAMES, FORENAMES, SECONDARY IDENTIFIER
        | PRENOM, PRENOMS, PRENOM S, IDENTIFIANT SECONDAIRE | NOMBRE, NOMBRES | NOMES PROPRIOS, NOME S PROPRIO S
        | VORNAME, VORNAMEN | NOME, NOMI | VOORNAMEN, VOORNAAM | IMIE, IMIONA | AL ISM AL SHAKHSI""",
    PrintedName.NAME: """
        NAME, NAME NOM, FULL NAME, SURNAME GIVEN NAMES | NOM PRENOMS, NOM ET PRENOMS | NOMBRES APELLIDOS, APELLIDOS Y NOMBRES
        | NOME COMPLETO | NAME VORNAME | COGNOME E NOME | NAAM | NAZWISKO I IMIONA | AL ISM, AL ISM AL KAMIL""",
    PrintedName.BIRTH_DATE: """
        DATE OF BIRTH, BIRTH DATE, BIRTHDATE, DOB | DATE DE NAISSANCE, NE E LE, NE LE, NEE LE
        | FECHA DE NACIMIENTO, FECHA NACIMIENTO | DATA DE NASCIMENTO | GEBURTSDATUM, GEBURTSTAG, GEBOREN AM
        | DATA DI NASCITA | GEBOORTEDATUM | DATA URODZENIA | TARIKH AL MILAD, TARIKH AL WILADA""",
    PrintedName.EXPIRY_DATE: """
        DATE OF EXPIRY, DATE OF EXPIRATION, EXPIRY DATE, EXPIRATION DATE, EXPIRES ON, VALID UNTIL, DATE OF EXP
        | DATE D EXPIRATION, VALIDE JUSQU AU, VALABLE JUSQU AU, DATE D EXPIRY
        | FECHA DE CADUCIDAD, FECHA DE VENCIMIENTO, VALIDO HASTA, VALIDO HASTA EL, VALIDEZ
        | DATA DE VALIDADE, VALIDO ATE, DATA DE EXPIRACAO | GULTIG BIS, GUELTIG BIS, ABLAUFDATUM
        | DATA DI SCADENZA, SCADENZA | GELDIG TOT, DATUM VAN AFLOOP | DATA UPLYWU TERMINU WAZNOSCI, TERMIN WAZNOSCI
        | TARIKH AL INTIHA""",
    PrintedName.ISSUE_DATE: """
        DATE OF ISSUE, ISSUE DATE, ISSUED ON, VALID FROM | DATE DE DELIVRANCE, DELIVRE LE, VALIDE A PARTIR DU
        | FECHA DE EXPEDICION, FECHA DE EMISION, VALIDO A PARTIR DE, VALIDO A PARTIR DEL
        | DATA DE EMISSAO, DATA DE EXPEDICAO | AUSSTELLUNGSDATUM, AUSGESTELLT AM, AUSSTELLUNGSTAG
        | DATA DI RILASCIO | DATUM VAN AFGIFTE, AFGIFTEDATUM | DATA WYDANIA | TARIKH AL ISDAR""",
    PrintedName.SEX: """
        SEX, GENDER | SEXE | SEXO | GESCHLECHT | SESSO | GESLACHT | PLEC | AL JINS""",
    PrintedName.NATIONALITY: """
        NATIONALITY | NATIONALITE | NACIONALIDAD | NACIONALIDADE | STAATSANGEHORIGKEIT, STAATSANGEHOERIGKEIT
        | CITTADINANZA | NATIONALITEIT | OBYWATELSTWO | AL JINSIYA""",
    PrintedName.OTHER: """
        PLACE OF BIRTH, COUNTRY OF BIRTH, BIRTHPLACE, PLACE OF ISSUE, AUTHORITY, ISSUING AUTHORITY, PERSONAL NO,
        PERSONAL NUMBER, TYPE, CODE, COUNTRY CODE, CODE OF ISSUING STATE, ISSUING COUNTRY, HEIGHT, PROFESSION,
        HOLDER S SIGNATURE, SIGNATURE, MARITAL STATUS, NO OF ENTRIES, NUMBER OF ENTRIES, REGISTRATION NUMBER, CATEGORY,
        SIGNATURE OF ISSUING OFFICER, RESIDENCE, ADDRESS, ISSUED BY, IDENTITY NO, NATIONAL NO, RESIDENT SINCE
        | LIEU DE NAISSANCE, AUTORITE, N PERSONNEL, NO PERSONNEL, CODE DU PAYS, TAILLE, SIGNATURE DU TITULAIRE,
          LIEU DE DELIVRANCE, NOMBRE D ENTREES, NOM D USAGE, DOMICILE
        | LUGAR DE NACIMIENTO, AUTORIDAD, NUM PERSONAL, LUGAR DE EXPEDICION, NUMERO DE ENTRADAS, NUM DE ENTRADAS, TIPO,
          FIRMA DEL TITULAR, DNI, DOMICILIO
        | LOCAL DE NASCIMENTO, AUTORIDADE, LOCAL DE EMISSAO, FILIACAO, NATURALIDADE
        | GEBURTSORT, BEHORDE, BEHOERDE, TYP, GEBURTSNAME, WOHNORT, GROSSE, GROESSE, AUGENFARBE
        | LUOGO DI NASCITA, AUTORITA, STATURA, RESIDENZA | GEBOORTEPLAATS, AUTORITEIT, LENGTE, PERSOONSNUMMER
        | MIEJSCE URODZENIA, ORGAN WYDAJACY PASZPORT, PESEL, NUMER PESEL, NAZWISKO RODOWE
        | MAKAN AL MILAD""",
}

# January to December a row; a word may be cut to three letters or more
MONTH_NAMES: Mapping[str, str] = {
    "english": "JANUARY FEBRUARY MARCH APRIL MAY JUNE JULY AUGUST SEPTEMBER OCTOBER NOVEMBER DECEMBER",
    "french": "JANVIER FEVRIER MARS AVRIL MAI JUIN JUILLET AOUT SEPTEMBRE OCTOBRE NOVEMBRE DECEMBRE",
    "spanish": "ENERO FEBRERO MARZO ABRIL MAYO JUNIO JULIO AGOSTO SEPTIEMBRE OCTUBRE NOVIEMBRE DICIEMBRE",
    "portuguese": "JANEIRO FEVEREIRO MARCO ABRIL MAIO JUNHO JULHO AGOSTO SETEMBRO OUTUBRO NOVEMBRO DEZEMBRO",
    "german": "JANUAR FEBRUAR MARZ APRIL MAI JUNI JULI AUGUST SEPTEMBER OKTOBER NOVEMBER DEZEMBER",
    "german, umlaut written out": "JAENNER FEBER MAERZ APRIL MAI JUNI JULI AUGUST SEPTEMBER OKTOBER NOVEMBER DEZEMBER",
    "italian": "GENNAIO FEBBRAIO MARZO APRILE MAGGIO GIUGNO LUGLIO AGOSTO SETTEMBRE OTTOBRE NOVEMBRE DICEMBRE",
    "dutch": "JANUARI FEBRUARI MAART APRIL MEI JUNI JULI AUGUSTUS SEPTEMBER OKTOBER NOVEMBER DECEMBER",
    "arabic in Latin letters": (
        "YANAYIR FIBRAYIR MARIS ABRIL MAYU YUNYU YULYU AGHUSTUS SIBTAMBIR UKTUBAR NUFAMBIR DISAMBIR"
    ),
}
# abbreviations that are no beginning of a name
MONTH_ABBREVIATIONS: Mapping[str, int] = {"FVR": 2, "MRT": 3, "JUIL": 7, "JLT": 7, "SEPT": 9, "SET": 9}

SEX_WORDS: Mapping[str, str] = {
    "F": "F", "FEMALE": "F", "FEMININ": "F", "FEMININE": "F", "FEMENINO": "F", "FEMININO": "F", "WEIBLICH": "F",
    "M": "M", "MALE": "M", "MASCULIN": "M", "MASCULINE": "M", "MASCULINO": "M", "MANNLICH": "M", "MASCHILE": "M",
    "X": "X",
}  # fmt: skip

# letters without a decomposition
SPECIAL_LETTERS: Mapping[str, str] = {
    "Ł": "L",
    "ł": "L",
    "Ø": "O",
    "ø": "O",
    "Đ": "D",
    "đ": "D",
    "ı": "I",
    "’": "'",
}
_WORD = re.compile(r"[A-Z]+")
# shorter labels are compared word by word only: NOM stands inside PRENOM
SHORTEST_RUN_TOGETHER = 9
Label = tuple[PrintedName, tuple[str, ...]]


def normalise(text: str) -> str:
    """Return a text in capitals without marks; other characters stay. text: any."""
    return _normalise_with_places(text)[0]


def _normalise_with_places(text: str) -> tuple[str, list[int]]:
    """Return the normalised text, and for each of its characters the one of text that it comes from."""
    plain, places = "", []
    for place, character in enumerate(text):
        decomposed = unicodedata.normalize("NFKD", SPECIAL_LETTERS.get(character, character)).upper()
        kept = "".join(c for c in decomposed if not unicodedata.combining(c))
        plain += kept
        places += [place] * len(kept)
    return plain, places


def _read_labels() -> tuple[Label, ...]:
    rows = [
        (name, tuple(form.split()))
        for name, languages in LABELS.items()
        for language in languages.split("|")
        for form in language.split(",")
    ]
    # the longest first: PLACE OF BIRTH is no BIRTH, NAME is found last
    return tuple(sorted(rows, key=lambda row: -len("".join(row[1]))))


_LABELS = _read_labels()


def label_names(text: str) -> tuple[frozenset[PrintedName], str]:
    """Return which labels a printed text carries, and what of it stands behind the last one, as printed.

    text: one line. The second is "" where nothing but labels is left. A word counts for the longest label that
    it belongs to.
    """
    plain, places = _normalise_with_places(text)
    words = list(_WORD.finditer(plain))
    letters = [word.group() for word in words]
    taken = [False] * len(words)
    found: set[PrintedName] = set()
    for name, label in _LABELS:
        size = len(label)
        for start in range(len(words) - size + 1):
            if tuple(letters[start : start + size]) == label and not any(taken[start : start + size]):
                taken[start : start + size] = [True] * size
                found.add(name)
    if not found:
        return _labels_nearly(letters), ""
    behind = max(word.end() for word, is_taken in zip(words, taken, strict=True) if is_taken)
    rest = text[places[behind] :] if behind < len(plain) else ""
    return frozenset(found), rest.strip(" .:;/-#()°º,")


def _labels_nearly(words: list[str]) -> frozenset[PrintedName]:
    """Return the long labels that stand in a text with one letter misread, or run together with other words."""
    run_together = "".join(words)
    found = set()
    for name, label in _LABELS:
        whole, size = "".join(label), len(label)
        if len(whole) < SHORTEST_RUN_TOGETHER:
            break
        windows = ("".join(words[start : start + size]) for start in range(len(words) - size + 1))
        if whole in run_together or any(_is_one_letter_off(window, whole) for window in windows):
            found.add(name)
    return frozenset(found)


def _is_one_letter_off(word: str, other: str) -> bool:
    """Tell whether one letter changed, lost or gained makes one word the other."""
    if len(word) == len(other):
        changed: int = sum(map(operator.ne, word, other))
        return changed <= 1
    short, long = sorted((word, other), key=len)
    if len(long) - len(short) != 1:
        return False
    at = next((i for i, letter in enumerate(short) if letter != long[i]), len(short))
    is_one_more: bool = short[at:] == long[at + 1 :]
    return is_one_more


def month_of(word: str) -> int | None:
    """Return the month that a word of capitals stands for, 1 to 12, or None where it is none or ambiguous."""
    if word in MONTH_ABBREVIATIONS:
        return MONTH_ABBREVIATIONS[word]
    if len(word) < 3:
        return None
    months = {
        index
        for names in MONTH_NAMES.values()
        for index, month in enumerate(names.split(), start=1)
        if month.startswith(word)
    }
    return months.pop() if len(months) == 1 else None
