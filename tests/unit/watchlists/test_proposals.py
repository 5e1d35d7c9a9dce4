"""What is wrong with a proposed entry is said before anything is stored."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from watchlists.core.birth_dates import BirthDate
from watchlists.core.names import PersonName
from watchlists.core.proposals import ListedDocument, ProposalRefused, ProposedEntry, check_proposed_entry
from watchlists.core.screening import Action

ENTRY = ProposedEntry(
    source_id="UT-1",
    action=Action.STOP_ARREST,
    reason="Warrant",
    legal_basis="Utopian Border Act, section 7",
    owner_unit="National Police",
    valid_from=datetime(2026, 1, 1, tzinfo=UTC),
    valid_until=datetime(2027, 1, 1, tzinfo=UTC),
    review_by=date(2026, 12, 1),
    names=(PersonName("Svensson", "Brita"),),
)


def test_whole_entry_is_accepted() -> None:
    check_proposed_entry(ENTRY, 0)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"source_id": " "}, "required", "source_id"),
        ({"owner_unit": ""}, "required", "owner_unit"),
        ({"reason": ""}, "required", "reason"),
        ({"reason": "r" * 501}, "too_long", "reason"),
        ({"valid_until": datetime(2026, 1, 1, tzinfo=UTC)}, "bad_validity", "valid_until"),
        ({"valid_from": datetime(2026, 1, 1)}, "bad_value", "valid_from"),  # noqa: DTZ001
        ({"priority": 0}, "bad_value", "priority"),
        ({"sex": "W"}, "bad_value", "sex"),
        ({"nationalities": ("UTOP",)}, "bad_value", "nationalities"),
        ({"names": ()}, "nothing_sought", "names"),
        ({"names": (PersonName(" "),)}, "required", "names"),
        ({"names": (PersonName("S" * 201),)}, "too_long", "names"),
        ({"documents": (ListedDocument("<<"),)}, "bad_value", "documents"),
        ({"documents": (ListedDocument("1" * 25),)}, "bad_value", "documents"),
        ({"documents": (ListedDocument("A1", kind="LIBRARY"),)}, "bad_value", "documents"),
        ({"birth_dates": (BirthDate(1066),)}, "bad_value", "birth_dates"),
        ({"names": (PersonName("Svensson"),) * 501}, "too_many", "names"),
        ({"names": (PersonName("Sven\0sson"),)}, "bad_value", "text"),
        ({"remarks": "half a character: \ud800"}, "bad_value", "text"),
        ({"classification": "COSMIC"}, "bad_value", "classification"),
    ],
)
def test_entry_that_cannot_stand_is_refused_with_its_place(
    change: dict[str, object], code: str, field: str
) -> None:
    with pytest.raises(ProposalRefused) as refused:
        check_proposed_entry(replace(ENTRY, **change), 7)  # type: ignore[arg-type]

    assert (refused.value.code, refused.value.index, refused.value.field) == (code, 7, field)
