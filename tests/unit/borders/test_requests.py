"""What a booth may send, and the fingerprint that tells a repeat from another request."""

from dataclasses import fields, replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from borders.core.record_checks.protection import OBSERVATIONS
from borders.core.requests import (
    DIRECTIONS,
    PRINTED_KEYS,
    Demands,
    InspectionRequest,
    RequestRefused,
    check_reference,
    check_request,
    fingerprint,
    printed_of_keyed,
)
from borders.models.inspections import Direction
from travelers.core.checks import PRINTED_FIELDS
from travelers.core.chip import ActiveAuthenticationEvidence, ChipAuthenticationEvidence, ChipFiles
from travelers.core.keyed import KeyedFields

LAND = Demands(needs_conveyance=False, asks_purpose=False, asks_address=False)
AIR = Demands(needs_conveyance=True, asks_purpose=True, asks_address=True)
ANNA = KeyedFields(
    document_code="P",
    issuing_state="UTO",
    document_number="L898902C3",
    primary_identifier="ERIKSSON",
    secondary_identifier="ANNA MARIA",
    nationality="UTO",
    birth_date=date(1974, 8, 12),
    sex="F",
    expiry_date=date(2032, 4, 15),
)
REQUEST = InspectionRequest(
    client_reference="A1-0001",
    direction="ENTRY",
    conveyance="UT 123",
    purpose_of_travel="TOURISM",
    address_of_stay="1 Main Square",
    page_image=b"page",
    face_image=b"face",
)


@pytest.mark.parametrize("demands", [LAND, AIR])
def test_a_whole_request_is_taken(demands: Demands) -> None:
    check_request(REQUEST, demands)


def test_a_person_without_a_document_may_be_declared() -> None:
    keyed = KeyedFields(primary_identifier="ERIKSSON")
    check_request(replace(REQUEST, page_image=None, keyed=keyed), LAND)


@pytest.mark.parametrize(
    ("change", "demands", "code", "field"),
    [
        ({"direction": "SIDEWAYS"}, LAND, "invalid", "direction"),
        ({"conveyance": " "}, AIR, "required", "conveyance"),
        ({"purpose_of_travel": ""}, AIR, "required", "purpose_of_travel"),
        ({"address_of_stay": ""}, AIR, "required", "address_of_stay"),
        ({"conveyance": "X" * 21}, LAND, "too_long", "conveyance"),
        ({"party_reference": "X" * 65}, LAND, "too_long", "party_reference"),
        ({"address_of_stay": "a\x00b"}, LAND, "bad_characters", "address_of_stay"),
        ({"address_of_stay": "a\ud800b"}, LAND, "bad_characters", "address_of_stay"),
        ({"page_image": None}, LAND, "identity_required", "page_image"),
        ({"printed": {"shoe_size": "44"}}, LAND, "unknown_field", "printed"),
        ({"printed": {"birth_date": "12.08.1974"}}, LAND, "bad_date", "printed.birth_date"),
        ({"printed": {"sex": "F" * 121}}, LAND, "too_long", "printed.sex"),
        ({"printed": {"sex": "\x00"}}, LAND, "bad_characters", "printed.sex"),
    ],
)
def test_these_requests_are_refused(change, demands: Demands, code: str, field: str) -> None:
    with pytest.raises(RequestRefused) as refusal:
        check_request(replace(REQUEST, **change), demands)
    assert (refusal.value.code, refusal.value.field) == (code, field)


def test_purpose_and_address_are_asked_on_entry_only() -> None:
    check_request(replace(REQUEST, direction="EXIT", purpose_of_travel="", address_of_stay=""), AIR)


@pytest.mark.parametrize("reference", ["", " ", "a\nb", "a\x00", "x" * 65, " a"])
def test_a_reference_that_cannot_be_kept_is_refused(reference: str) -> None:
    with pytest.raises(RequestRefused):
        check_reference(reference)


CHANGES = {
    "client_reference": "A1-0002",
    "direction": "EXIT",
    "conveyance": "UT 124",
    "purpose_of_travel": "WORK",
    "address_of_stay": "2 Main Square",
    "party_reference": "family",
    "printed": {"sex": "F"},
    "keyed": ANNA,
    "page_image": b"another page",
    "face_image": None,
    "visa_lines": ("V<UTOERIKSSON<<ANNA",),
    "observations": OBSERVATIONS[:1],
    "chip": ChipFiles(sod=b"sod"),
    "chip_attempted": True,
    "seal": b"seal",
}


def test_the_fingerprint_is_of_every_field() -> None:
    assert set(CHANGES) == {f.name for f in fields(InspectionRequest)}
    prints = {fingerprint(replace(REQUEST, **{name: value})) for name, value in CHANGES.items()}
    assert len(prints | {fingerprint(REQUEST)}) == len(CHANGES) + 1


def test_the_fingerprint_does_not_depend_on_the_order_of_printed_fields() -> None:
    a = replace(REQUEST, printed={"sex": "F", "nationality": "UTO"})
    b = replace(REQUEST, printed={"nationality": "UTO", "sex": "F"})
    assert fingerprint(a) == fingerprint(b)


def test_every_part_of_a_chip_is_in_the_fingerprint() -> None:
    evidence = ActiveAuthenticationEvidence(bytes(8), b"answer")
    chips = (
        ChipFiles(sod=b"a"),
        ChipFiles(com=b"a"),
        ChipFiles(groups={1: b"a"}),
        ChipFiles(groups={2: b"a"}),
        ChipFiles(sod=b"a", active_authentication=evidence),
        ChipFiles(sod=b"a", chip_authentication=ChipAuthenticationEvidence("1.2", None, b"k", b"r")),
    )
    assert len({fingerprint(replace(REQUEST, chip=chip)) for chip in chips}) == len(chips)


def test_page_and_face_are_not_interchangeable() -> None:
    swapped = replace(REQUEST, page_image=REQUEST.face_image, face_image=REQUEST.page_image)
    assert fingerprint(swapped) != fingerprint(REQUEST)


def test_keyed_fields_count_as_printed() -> None:
    assert printed_of_keyed(ANNA)["birth_date"] == "1974-08-12"
    # an officer keys no date of issue
    assert set(printed_of_keyed(ANNA)) == set(PRINTED_KEYS) - {"issue_date"}
    assert printed_of_keyed(KeyedFields(primary_identifier="A")) == {"primary_identifier": "A"}


def test_the_words_are_those_of_the_neighbours() -> None:
    assert set(PRINTED_KEYS) == set(PRINTED_FIELDS)
    assert set(DIRECTIONS) == set(Direction.values)


@given(
    st.builds(
        InspectionRequest,
        client_reference=st.text(max_size=70),
        direction=st.sampled_from(("ENTRY", "EXIT", "")),
        address_of_stay=st.text(max_size=210),
        printed=st.dictionaries(st.sampled_from((*PRINTED_KEYS, "x")), st.text(max_size=20), max_size=3),
        page_image=st.none() | st.binary(max_size=3),
    )
)
def test_any_request_is_taken_or_refused_by_name(request_: InspectionRequest) -> None:
    fingerprint(request_)
    try:
        check_reference(request_.client_reference)
        check_request(request_, LAND)
    except RequestRefused:
        return
    request_.address_of_stay.encode()
