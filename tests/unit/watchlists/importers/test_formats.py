"""Each format says of one person what its source says of her."""

from datetime import UTC, date, datetime

import pytest

from tests.unit.watchlists.importers import samples
from tests.unit.watchlists.importers.samples import drafts, issues, read
from watchlists.core.birth_dates import BirthDate
from watchlists.core.importers import Change, SourceFacts, Subject, find_format
from watchlists.core.names import PersonName
from watchlists.core.proposals import ListedDocument


def test_un_individual_is_read_whole() -> None:
    facts, anna, trading = read("un", samples.UN)

    assert facts == SourceFacts(datetime(2026, 2, 27, 0, 0, 9, 554000, tzinfo=UTC))
    assert (anna.source_id, anna.subject, anna.sex, anna.line) == ("700", Subject.PERSON, "F", 3)
    assert anna.names == (
        PersonName("ANNA MARIA ERIKSSON"),
        PersonName("Anna Ericson"),
        PersonName("Annie", low_quality=True),
        PersonName("آنا ماريا إريكسون"),
    )
    assert anna.birth_dates == (
        BirthDate(1974, 8, 12),
        BirthDate(1975, circa=True),
        BirthDate(1970, until_year=1976),
    )
    assert anna.nationalities == ("UTO", "IRN")
    assert anna.documents == (ListedDocument("L898902C3", "UTO", "PASSPORT"),)
    assert (anna.listed_on, anna.birth_places) == (date(2012, 12, 31), ("Zenith, Utopia",))
    assert trading.subject is Subject.ORGANISATION


def test_ofac_remarks_give_dates_documents_and_weak_aliases() -> None:
    items = read("ofac", samples.OFAC, samples.OFAC_BESIDE)
    trading, anna, vessel = drafts(items)

    assert [d.subject for d in (trading, anna, vessel)] == [
        Subject.ORGANISATION,
        Subject.PERSON,
        Subject.VESSEL,
    ]
    assert anna.names == (
        PersonName("ERIKSSON", "Anna Maria"),
        PersonName("ERICSON", "Anna"),
        PersonName("ANNIE", low_quality=True),
    )
    assert anna.birth_dates == (
        BirthDate(1974, 8, 12),
        BirthDate(1975, circa=True),
        BirthDate(1970, until_year=1976),
    )
    assert anna.birth_places == ("Zenith, Utopia", "Nadir, Utopia")
    assert (anna.sex, anna.nationalities) == ("F", ("UTO", "FRA"))
    assert anna.documents == (
        ListedDocument("L898902C3", "UTO", "PASSPORT"),
        ListedDocument("12-345-678", "IRN", "ID_CARD"),
    )
    assert issues(items) == [(2, "document", "bad_number")]


def test_eu_rows_of_one_entity_are_one_entry() -> None:
    anna, trading = drafts(read("eu", samples.EU))

    assert anna.names == (PersonName("Eriksson", "Anna Maria"), PersonName("Анна Эрикссон"))
    assert anna.birth_dates == (BirthDate(1974, 8, 12), BirthDate(1970, until_year=1976))
    assert anna.documents == (ListedDocument("L898902C3", "FRA", "PASSPORT"),)
    assert (anna.source_id, anna.sex, anna.nationalities) == ("13", "F", ("FRA",))
    assert trading.subject is Subject.ORGANISATION


@pytest.mark.parametrize("content", [samples.UK_CSV, samples.UK_XML], ids=["csv", "xml"])
def test_uk_names_dates_and_weak_aliases_are_read_from_both_files(content: bytes) -> None:
    anna = drafts(read("uk", content))[0]

    assert anna.names[0] == PersonName("ERIKSSON", "Anna Maria")
    assert set(anna.names[1:]) == {
        PersonName("ERICSON", "Annie", low_quality=True),
        PersonName("Анна Эрикссон"),
    }
    assert anna.birth_dates == (BirthDate(1974, 8, 12), BirthDate(1975))
    assert "FRA" in anna.nationalities
    assert anna.documents == (ListedDocument("L898902C3", "", "PASSPORT"),)
    assert (anna.sex, anna.birth_places, anna.listed_on) == ("F", ("Zenith, France",), date(2020, 12, 31))


def test_older_uk_list_is_read_by_its_group_id() -> None:
    content = (
        b"Last Updated,28/01/2026\r\n"
        b"Name 6,Name 1,Title,DOB,Nationality,Passport Number,Group Type,Alias Type,Listed On,Group ID\r\n"
        b"ERIKSSON,Anna,,12/08/1974,France,L898902C3,Individual,Primary name,01/02/2020,12345\r\n"
        b"ERICSON,Anna,,,,,Individual,AKA,01/02/2020,12345\r\n"
    )
    (anna,) = drafts(read("uk", content))
    assert (anna.source_id, len(anna.names), anna.birth_dates) == ("12345", 2, (BirthDate(1974, 8, 12),))


def test_follow_the_money_entity_is_read() -> None:
    anna, trading = drafts(read("ftm", samples.FTM))

    assert anna.names == (
        PersonName("Anna Maria Eriksson"),
        PersonName("Anna Ericson"),
        PersonName("Annie", low_quality=True),
    )
    assert anna.birth_dates == (BirthDate(1974, 8, 12), BirthDate(1975))
    assert (anna.sex, anna.nationalities, anna.reason) == ("F", ("FRA",), "sanction")
    assert trading.subject is Subject.ORGANISATION


def test_follow_the_money_delta_puts_and_deletes() -> None:
    facts, *changes = read("ftm", samples.FTM_DELTA)

    assert facts == SourceFacts(delta=True)
    assert [(c.source_id, c.change) for c in changes] == [
        ("NK-3", Change.PUT),
        ("NK-1", Change.PUT),
        ("NK-2", Change.DEL),
    ]


def test_notices_are_found_inside_the_answer_of_the_service() -> None:
    anna, brita = drafts(read("interpol", samples.INTERPOL))

    assert anna.names == (PersonName("ERIKSSON", "ANNA MARIA"),)
    assert (anna.source_id, anna.birth_dates, anna.sex) == ("2026/1", (BirthDate(1974, 8, 12),), "F")
    assert anna.reason == "Notice: fraud"
    assert (brita.names, brita.birth_dates, brita.sex) == ((PersonName("SVENSSON"),), (BirthDate(1980),), "")


@pytest.mark.parametrize(
    "text",
    [
        '[{"entity_id":"1","name":"A"},{"entity_id":"2","name":"B"}]',
        '{"entity_id":"1","name":"A"}\n{"entity_id":"2","name":"B"}\n',
        '{"notices":\n[\n{"entity_id":"1","name":"A","x":{"y":[{"z":1}]}},\n{"entity_id":"2","name":"B}"}\n]}',
    ],
    ids=["array", "lines", "wrapped"],
)
def test_notices_are_read_however_they_are_wrapped(text: str) -> None:
    assert [d.source_id for d in drafts(read("interpol", text.encode()))] == ["1", "2"]


def test_lost_documents_are_numbers_and_ranges() -> None:
    single, blanks = drafts(read("documents", samples.DOCUMENTS))

    assert single.documents == (ListedDocument("L898902C3", "UTO", "PASSPORT", "STOLEN"),)
    (span,) = blanks.document_ranges
    assert (span.prefix, span.width, span.first, span.latest) == ("AB", 7, 1000, 1999)
    assert span.holds("AB0001500", "UTO")
    assert not span.holds("AB0002000", "UTO")
    assert not span.holds("AB1500", "UTO")
    assert not span.holds("AB0001500", "FRA")


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (b"A1234567,,UTO,P,stolen,,FRA,,,", ("source", "not_issuing_state")),
        (b"A1234567,,ZZZ,P,stolen,,,,,", ("issuing_state", "unknown_state")),
        (b"A1234567,,UTO,P,borrowed,,,,,", ("status", "bad_value")),
        (b",,UTO,P,stolen,,,,,", ("number", "required")),
        (b"A1234567,B1,UTO,P,stolen,,,,,", ("number_folded", "contradicts_number")),
        (b",,UTO,P,stolen blank,,,A0001,B0002,", ("range_from", "different_prefix")),
        (b",,UTO,P,stolen blank,,,A0002,A0001,", ("range_from", "reversed")),
        (b",,UTO,P,stolen blank,,,A001,A0002,", ("range_from", "different_length")),
        (b",,UTO,P,stolen blank,,,A0001,,", ("range_to", "required")),
        (b"A1234567,,UTO,P,stolen,31/31/2026,,,,", ("date", "bad_date")),
        (b"A1234567,,UTO,P,stolen", ("row", "wrong_columns")),
    ],
)
def test_report_of_a_document_that_cannot_stand_is_listed(row: bytes, fault: tuple[str, str]) -> None:
    header = samples.DOCUMENTS.split(b"\n")[0]
    assert issues(read("documents", header + b"\n" + row + b"\n")) == [(2, *fault)]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("UN", "un"),
        ("ofac-sdn", "ofac"),
        ("EU_FSF", "eu"),
        ("uk-sanctions", "uk"),
        ("FollowTheMoney", "ftm"),
        ("SLTD", "documents"),
    ],
)
def test_format_is_known_by_its_usual_names(name: str, code: str) -> None:
    found = find_format(name)
    assert found is not None
    assert found.code == code


def test_unknown_format_is_none() -> None:
    assert find_format("fax") is None
