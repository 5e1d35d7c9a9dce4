"""Labels and dates as pages print them. Specimens of Doc 9303-4 to 9303-7, appendix A, where a clause is named."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.core.viz import PrintedName
from biometrics.core.viz.dates import printed_dates
from biometrics.core.viz.labels import LABELS, MONTH_NAMES, label_names, month_of


@pytest.mark.parametrize(
    ("text", "name", "rest"),
    [
        ("Date of birth / Date de naissance", PrintedName.BIRTH_DATE, ""),
        ("4 Date of birth/Fecha de nacimiento", PrintedName.BIRTH_DATE, ""),
        ("DATA URODZENIADATE OF BIRTH", PrintedName.BIRTH_DATE, ""),
        ("Né(e) le: 06.12.1974", PrintedName.BIRTH_DATE, "06.12.1974"),
        ("GEBURTSDATUM", PrintedName.BIRTH_DATE, ""),
        ("Place of birth / Lieu de naissance", PrintedName.OTHER, ""),
        ("1Surname/Nom", PrintedName.PRIMARY_IDENTIFIER, ""),
        ("Nom: MÜLLER", PrintedName.PRIMARY_IDENTIFIER, "MÜLLER"),
        ("Prénom(s): ANNA", PrintedName.SECONDARY_IDENTIFIER, "ANNA"),
        ("Surname, Given names/Nom, Prénoms", PrintedName.NAME, ""),
        ("Passport No. / Nº du passeport", PrintedName.DOCUMENT_NUMBER, ""),
        ("CARTE NATIONALE D'IDENTITÉ Nº: 050995201874", PrintedName.DOCUMENT_NUMBER, "050995201874"),
        ("Personal No./ N° personnel", PrintedName.OTHER, ""),
        ("Valid until/ Valide jusqu’au", PrintedName.EXPIRY_DATE, ""),
        ("9 Date of expiry / Date d'expiration", PrintedName.EXPIRY_DATE, ""),
        ("Date of issue / Date de délivrance", PrintedName.ISSUE_DATE, ""),
        ("Sex / Sexe", PrintedName.SEX, ""),
        ("Staatsangehörigkeit", PrintedName.NATIONALITY, ""),
        ("Tarikh al-Milad", PrintedName.BIRTH_DATE, ""),
        ("Gurtg bis / Date af expiry", PrintedName.EXPIRY_DATE, ""),
        ("Date f birth", PrintedName.BIRTH_DATE, ""),
    ],
)
def test_labels_of_several_languages_are_known(text: str, name: PrintedName, rest: str) -> None:
    assert label_names(text) == (frozenset({name}), rest)


@pytest.mark.parametrize(
    "text",
    ["ERIKSSON", "UTOPIA", "12 AUG/AOUT 74", "L898902C3", "", "//", "SEXTON", "NOMADE", "PLACES OF WORSHIP"],
)
def test_a_value_is_no_label(text: str) -> None:
    assert label_names(text) == (frozenset(), "")


def test_every_label_is_found_as_itself() -> None:
    for name, languages in LABELS.items():
        for label in languages.replace("|", ",").split(","):
            assert name in label_names(" ".join(label.split()))[0], label


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12 AUG/AOUT 74", {"740812"}),  # Doc 9303-4, appendix A
        ("12 AUGUST/AOÛT 74", {"740812"}),
        ("07SEP 40", {"400907"}),
        ("10DEC/DIC 96", {"961210"}),
        ("15 JUL 1983", {"830715"}),
        ("12.08.1974", {"740812", "741208"}),
        ("31.10.2012.", {"121031"}),
        ("12 08 1974", {"740812", "741208"}),
        ("1974-08-12", {"740812"}),
        ("10/04/49", {"490410", "491004"}),
        ("AUG 12, 1974", {"740812"}),
        ("01 JAN /JAN 85", {"850101"}),
        ("12 août 1974", {"740812"}),
        ("3. März 1990", {"900303"}),
        ("29 FEB 2001", set()),
        ("32.13.1974", set()),
        ("15 KWI 1990", set()),
        ("12 AUG/MAI 74", set()),
        ("12 AGO 2555", set()),
        ("ZE 184226 B", set()),
        ("L898902C3", set()),
        ("", set()),
    ],
)
def test_dates_are_read_in_every_way_they_may_be_meant(text: str, expected: set[str]) -> None:
    assert {found.yymmdd for found in printed_dates(text)} == expected


def test_a_year_of_two_digits_goes_to_the_nearest_century() -> None:
    (found,) = printed_dates("12 AUG/AOUT 74")
    assert found.as_date(date(1974, 8, 12)) == date(1974, 8, 12)
    assert found.as_date(date(2071, 1, 1)) == date(2074, 8, 12)


def test_months_of_every_language_are_known_by_name_and_never_two_at_once() -> None:
    for names in MONTH_NAMES.values():
        for index, name in enumerate(names.split(), start=1):
            assert month_of(name) == index, name
    assert month_of("JUI") is None, "juin or juillet"
    assert month_of("XYZ") is None


@given(st.text(max_size=60))
def test_any_text_gives_labels_and_dates_without_an_exception(text: str) -> None:
    names, _ = label_names(text)
    assert names <= set(PrintedName)
    for found in printed_dates(text):
        assert found.as_date(date(2026, 11, 22)).month == found.month
