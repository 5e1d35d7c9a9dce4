"""What is done about lists from time to time: one part that breaks keeps no other from being done."""

import pytest

from watchlists.services import tending

pytestmark = pytest.mark.django_db
VERBS = {
    "rekeyed": "continue_rekeying",
    "notices": "write_due_notices",
    "lapsed": "lapse_emergencies",
    "retro_screened": "continue_retro_screening",
    "forgotten": "forget_travelers",
    "uploads": "tend_uploads",
    "self_tests": "run_self_test",
}


@pytest.mark.parametrize("broken", VERBS)
def test_a_part_that_breaks_keeps_no_other_from_being_done(broken, at, monkeypatch, capsys) -> None:
    done = set()

    def stand_in(part):
        def act(**_):
            done.add(part)
            if part == broken:
                raise RuntimeError("of a traveller named ERIKSSON")
            return () if part == "lapsed" else 0

        return act

    monkeypatch.setattr(tending, "is_self_test_due", lambda **_: True)
    for part, verb in VERBS.items():
        monkeypatch.setattr(tending, verb, stand_in(part))
    with pytest.raises(tending.TendingIncomplete):
        tending.tend(at=at)
    assert done == set(VERBS)
    said = capsys.readouterr()
    assert "ERIKSSON" not in said.err + said.out


def test_every_part_says_what_it_did(at) -> None:
    assert set(tending.tend(at=at)) == set(VERBS)
