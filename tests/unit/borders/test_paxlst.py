"""PAXLST messages of carriers, and what is no such message."""

import contextlib
import time
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydifact.token import Token
from pydifact.tokenizer import Tokenizer

from borders.core.edifact import EdifactRefused, read_segments
from borders.core.manifests import parse_manifest
from borders.core.paxlst import read_passenger_list

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PERSON = (
    "NAD+FL+++ERIKSSON:ANNA:MARIA+HARBOUR STREET 1+ZENITH",
    "ATT+2++F",
    "DTM+329:740812",
    "LOC+178+ZEN",
    "NAT+2+UTO",
    "RFF+AVF:AB12CD",
    "DOC+P:110:111+L898902C3",
    "DTM+36:320415",
    "LOC+91+UTO",
    "DOC+V:110:111+VISA77",
    "LOC+91+XYZ",
)
BODY = (
    "BGM+745",
    "NAD+MS+++UTOPIA AIR",
    "COM+00 555 01:TE",
    "TDT+20+UT0123+++UT",
    "LOC+125+ZEN",
    "DTM+189:2611220600:201",
    "LOC+87+UTAIR",
    "DTM+232:2611220900:201",
)


def interchange(
    *body: str, count: int | None = None, una: str = "UNA:+.? '", message: str = "PAXLST"
) -> bytes:
    segments = [f"UNH+M1+{message}:D:05B:UN:IATA", *body]
    segments = [*segments, f"UNT+{len(segments) + 1 if count is None else count}+M1"]
    whole = ["UNB+UNOA:4+UTAIRLINE+BORDER+261122:0500+X1", *segments, "UNZ+1+X1"]
    return (una + "\r\n" + "'\r\n".join(whole) + "'\r\n").encode()


def test_a_message_is_read_into_the_form_of_a_manifest() -> None:
    found = read_passenger_list(interchange(*BODY, *PERSON, "CNT+42:1"), at=AT)
    assert (found.conveyance, found.carrier, found.departure, found.arrival) == (
        "UT0123",
        "UT",
        "ZEN",
        "UTAIR",
    )
    assert found.arrives_at == datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    assert found.passengers == (
        {
            "primary_identifier": "ERIKSSON",
            "secondary_identifier": "ANNA MARIA",
            "sex": "F",
            "birth_date": "1974-08-12",
            "nationality": "UTO",
            "booking_reference": "AB12CD",
            "document_number": "L898902C3",
            "issuing_state": "UTO",
        },
    )
    sent = {
        "conveyance": found.conveyance,
        "port": "UTAIR",
        "direction": "ENTRY",
        "passengers": [*found.passengers],
    }
    kept = parse_manifest(sent | {"scheduled_at": AT.isoformat()})
    assert kept.passengers[0].birth_date == date(1974, 8, 12)


def test_crew_are_left_out() -> None:
    body = (*BODY, "NAD+FM+++SMITH:CAPTAIN", "DTM+329:700101", *PERSON)
    assert [p["primary_identifier"] for p in read_passenger_list(interchange(*body), at=AT).passengers] == [
        "ERIKSSON"
    ]


def test_released_characters_are_letters_of_the_name() -> None:
    body = (*BODY, "NAD+FL+++O?'NEIL?+SON??:PAT?:RICK")
    (person,) = read_passenger_list(interchange(*body), at=AT).passengers
    assert (person["primary_identifier"], person["secondary_identifier"]) == ("O'NEIL+SON?", "PAT:RICK")


def test_other_separators_are_those_of_una() -> None:
    plain = interchange(*BODY, *PERSON).decode().removeprefix("UNA:+.? '")
    turned = "UNA.*,? ~" + plain.translate(str.maketrans(":+'", ".*~"))
    assert read_passenger_list(turned.encode(), at=AT) == read_passenger_list(
        interchange(*BODY, *PERSON), at=AT
    )


@pytest.mark.parametrize(
    ("text", "form", "expected"),
    [
        ("051123", "", "2005-11-23"),
        ("261123", "", "1926-11-23"),
        ("19261123", "102", "1926-11-23"),
        ("20000229", "", "2000-02-29"),
    ],
)
def test_birth_dates_have_been(text: str, form: str, expected: str) -> None:
    body = (*BODY, "NAD+FL+++A:B", f"DTM+329:{text}:{form}".rstrip(":"))
    assert read_passenger_list(interchange(*body), at=AT).passengers[0]["birth_date"] == expected


@pytest.mark.parametrize(
    ("content", "code", "segment"),
    [
        (b"", "not_edifact", ""),
        (b'{"conveyance": "UT 1"}', "not_edifact", ""),
        (b"UNA:+.", "bad_separators", ""),
        (b"UNA::.? '" + interchange(una=""), "bad_separators", ""),
        (interchange(*BODY)[:-20], "not_terminated", "11"),
        (interchange(*BODY, "NAD+FL+++\xc4:B").decode("latin-1").encode("latin-1"), "bad_characters", ""),
        (interchange(*BODY, "nad+FL"), "bad_tag", "11"),
        (interchange(*BODY, "FTX+" + "A" * 3000), "segment_too_long", "11"),
        (interchange(*BODY, message="CUSCAR"), "wrong_message", "2 (UNH)"),
        (interchange("BGM+85", *BODY[1:]), "wrong_message", "3 (BGM)"),
        (interchange(*BODY, count=4), "wrong_count", "11 (UNT)"),
        (interchange(*BODY[:3]), "required", "TDT"),
        (interchange(*BODY[:5], "DTM+189:2611220600:999"), "bad_date", "8 (DTM)"),
        (interchange(*BODY, "NAD+FL+++A:B", "DTM+329:741312"), "bad_date", "12 (DTM)"),
        (interchange(*BODY, "NAD+FL"), "required", "11 (NAD)"),
        (interchange(*BODY, "NAD+FL+++A:B", "ATT+2++W"), "invalid", "12 (ATT)"),
        (interchange(*BODY, *(["NAD+FL+++A:B"] * 5001)), "too_many", "5011 (NAD)"),
        (b"U" * (2 * 1024 * 1024 + 1), "too_large", ""),
    ],
)
def test_what_is_no_passenger_list_is_refused_by_code_and_segment(
    content: bytes, code: str, segment: str
) -> None:
    with pytest.raises(EdifactRefused) as refused:
        read_passenger_list(content, at=AT)
    assert (refused.value.code, refused.value.segment) == (code, segment)


@given(
    st.binary(max_size=300) | st.text("UNABHT:+?'\r\n1P", max_size=200).map(lambda t: ("UNB+" + t).encode())
)
def test_any_octets_give_a_list_or_the_named_error(content: bytes) -> None:
    with contextlib.suppress(EdifactRefused):
        assert read_passenger_list(content, at=AT).conveyance


def test_a_large_message_is_read_within_bounds() -> None:
    content = interchange(*BODY, *(PERSON * 4000))
    begun = time.process_time()
    assert len(read_passenger_list(content, at=AT).passengers) == 4000
    assert time.process_time() - begun < 5


def test_segments_are_those_that_pydifact_finds() -> None:
    content = interchange(*BODY, *PERSON, "NAD+FL+++O?'NEIL?+SON??:PAT?:RICK", "FTX+AAA+++", una="")
    theirs: list[list[list[str]]] = [[[""]]]
    for token in Tokenizer().get_tokens(content.decode().strip()):
        if token.type is Token.Type.TERMINATOR:
            theirs.append([[""]])
        elif token.type is Token.Type.DATA_SEPARATOR:
            theirs[-1].append([""])
        elif token.type is Token.Type.COMPONENT_SEPARATOR:
            theirs[-1][-1].append("")
        else:
            theirs[-1][-1][-1] = token.value
    ours = [[[s.tag], *([*e] for e in s.elements)] for s in read_segments(content)]
    assert ours == theirs[:-1]
