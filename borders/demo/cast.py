"""The travellers of the demo and their documents. All invented; Anna Maria Eriksson is the specimen of Doc
9303.

Every date hangs on the year of the run alone, so that the demo never ages and a second run meets the same
documents. Document numbers do without O, 0, I and 1, which a reader may rightly call doubtful.
"""

from dataclasses import dataclass
from datetime import date

from borders.demo.documents import DemoDocument, Holder, PageLayout

PASSPORT, CARD = PageLayout.PASSPORT, PageLayout.CARD


@dataclass(frozen=True, slots=True)
class Cast:
    """Who comes to the border, and with what. Fields ending in _person have no document at all."""

    anna: DemoDocument
    bjorn: DemoDocument
    mother: DemoDocument
    daughter: DemoDocument
    expired: DemoDocument
    wrong_digit: DemoDocument
    altered_birth: DemoDocument
    borrowed: DemoDocument
    stolen: DemoDocument
    banned: DemoDocument
    first_identity: DemoDocument
    second_identity: DemoDocument
    escort: DemoDocument
    first_minor: DemoDocument
    second_minor: DemoDocument
    third_minor: DemoDocument
    undocumented_person: Holder
    unreadable: DemoDocument
    silent: DemoDocument
    overstayer: DemoDocument
    altered_chip: DemoDocument
    copied_chip: DemoDocument
    unknown_chip: DemoDocument


IMPOSTOR_FACE = "person_15"
MISSING_GIRL_FACE = "person_05"


def make_cast(today: date) -> Cast:
    """Return the cast as of a day."""
    year = today.year
    # a birth year that moves every four years only: the child is 8 to 13 in every run
    child_year = year - year % 4 - 9

    def document(
        layout: PageLayout, state: str, number: str, holder: Holder, *, expiry: date | None = None, **changes
    ) -> DemoDocument:
        end = expiry or date(year + 5, 5, 13)
        return DemoDocument(
            layout=layout,
            issuing_state=state,
            document_number=number,
            holder=holder,
            issue_date=date(end.year - 10, end.month, end.day + 1)
            if layout is PASSPORT
            else date(year - 2, 3, 8),
            expiry_date=end,
            **changes,
        )

    return Cast(
        anna=document(
            PASSPORT,
            "UTO",
            "L89896253",
            Holder("Eriksson", "Anna Maria", date(1974, 8, 12), "F", "UTO", "Zenith", "person_01"),
        ),
        bjorn=document(
            CARD,
            "D",
            "L22F7K943",
            Holder("Sørensen-Müller", "Björn", date(1988, 3, 2), "M", "D", "Lübeck", "person_09"),
        ),
        mother=document(
            PASSPORT,
            "PRT",
            "CB538246",
            Holder("Ferreira Matos", "Inês", date(1986, 6, 19), "F", "PRT", "Évora", "person_11"),
        ),
        daughter=document(
            PASSPORT,
            "PRT",
            "CB538247",
            Holder("Matos Lindqvist", "Clara", date(child_year, 9, 27), "F", "PRT", "Évora", "person_12"),
        ),
        expired=document(
            PASSPORT,
            "NLD",
            "NXK72R6D4",
            Holder("Van der Zwaluw", "Joris", date(1969, 11, 4), "M", "NLD", "Deventer", "person_13"),
            expiry=date(year - 1, 11, 29),
        ),
        wrong_digit=document(
            PASSPORT,
            "CHE",
            "X4827396",
            Holder("Rüttimeier", "Walter", date(1981, 2, 23), "M", "CHE", "Altdorf", "person_19"),
            changed_mrz=((1, 9, "3"),),
        ),
        altered_birth=document(
            PASSPORT,
            "NZL",
            "LM738264",
            Holder("Hollinworth", "Tessa Jane", date(1993, 7, 15), "F", "NZL", "Oamaru", "person_04"),
            printed_birth_date=date(1983, 7, 15),
        ),
        borrowed=document(
            PASSPORT,
            "SWE",
            "94738265",
            Holder("Sandqvist", "Emil Otto", date(1990, 4, 28), "M", "SWE", "Umeå", "person_16"),
        ),
        stolen=document(
            PASSPORT,
            "FRA",
            "24FV73869",
            Holder("Delacourcelle", "Mathieu", date(1977, 9, 9), "M", "FRA", "Vannes", "person_03"),
        ),
        banned=document(
            PASSPORT,
            "EST",
            "KF7429836",
            Holder("Volkov", "Aleksandr", date(1979, 5, 23), "M", "EST", "Paide", "person_20"),
        ),
        first_identity=document(
            PASSPORT,
            "DNK",
            "269384757",
            Holder("Overgaard", "Mikkel", date(1984, 12, 3), "M", "DNK", "Odense", "person_18"),
        ),
        second_identity=document(
            PASSPORT,
            "ISL",
            "A6438297",
            Holder("Thorvaldsson", "Kári", date(1985, 3, 17), "M", "ISL", "Akureyri", "person_18"),
        ),
        escort=document(
            PASSPORT,
            "UTO",
            "U58364279",
            Holder("Marchetti", "Viktor", date(1972, 10, 21), "M", "UTO", "Zenith", "person_07"),
        ),
        first_minor=document(
            PASSPORT,
            "UTO",
            "U58364325",
            Holder("Aldgate", "Nela", date(child_year, 3, 6), "F", "UTO", "Zenith", "person_08"),
            changed_mrz=((1, 9, "6"),),
        ),
        second_minor=document(
            PASSPORT,
            "UTO",
            "U58364333",
            Holder("Brightwater", "Timo", date(child_year - 2, 8, 24), "M", "UTO", "Zenith", "person_14"),
            printed_birth_date=date(child_year - 3, 8, 24),
        ),
        third_minor=document(
            PASSPORT,
            "UTO",
            "U58364348",
            Holder(
                "Calderwood", "Mina", date(child_year + 1, 6, 29), "F", "UTO", "Zenith", MISSING_GIRL_FACE
            ),
        ),
        undocumented_person=Holder("Yilmazer", "Deniz", date(1995, 5, 14), "F", "TUR", "Bolu", "person_17"),
        unreadable=document(
            PASSPORT,
            "CAN",
            "HG584732",
            Holder("Beauregard-Wells", "Simone", date(1991, 8, 26), "F", "CAN", "Moncton", "person_06"),
        ),
        silent=document(
            PASSPORT,
            "AUT",
            "U7683294",
            Holder("Grünwaldner", "Stefan", date(1967, 4, 25), "M", "AUT", "Steyr", "person_02"),
        ),
        overstayer=document(
            PASSPORT,
            "AUS",
            "PA5837429",
            Holder("Whitlocke", "Ruby Anne", date(1998, 2, 16), "F", "AUS", "Dubbo", "person_10"),
        ),
        # three whose faces are those of travellers who are never let in, and so never enrolled
        altered_chip=document(
            PASSPORT,
            "UTO",
            "U58364592",
            Holder("Falkenrath", "Jonas", date(1970, 1, 17), "M", "UTO", "Zenith", "person_13"),
        ),
        copied_chip=document(
            PASSPORT,
            "UTO",
            "U58364647",
            Holder("Lindholm", "Arne", date(1982, 5, 9), "M", "UTO", "Zenith", "person_19"),
        ),
        unknown_chip=document(
            PASSPORT,
            "NLD",
            "NXK83P7D2",
            Holder("Hoogland", "Ruben", date(1978, 3, 12), "M", "NLD", "Zwolle", "person_16"),
        ),
    )
