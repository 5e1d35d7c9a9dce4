"""Keys by the rules of an older release: nobody is called "no hit" by them, and the sweep makes them anew."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command

from audit.core.actor import Actor
from biometrics.core.outcomes import Outcome
from tests.db.watchlists.conftest import MakeList, Screen, entry
from travelers.models import DocumentReading
from watchlists.core.keys import DOCUMENT_KEY_VERSION, KEY_VERSION
from watchlists.core.proposals import ListedDocument
from watchlists.models import (
    EntryKey,
    EntrySearchForm,
    KeyRules,
    Lead,
    NameFrequencies,
    TravelerKey,
    TravelerSearchForm,
    WatchlistEntry,
)
from watchlists.services import ScreeningResult, activate_version
from watchlists.services.rekeying import continue_rekeying
from watchlists.services.retro import continue_retro_screening
from watchlists.services.search import IndexOutdated, load_statistics
from watchlists.services.tending import tend

OLD_NAME_KEY, OLD_DOCUMENT_KEY = 17, 18
Make = Callable[..., DocumentReading]
SOUGHT = entry(documents=(ListedDocument("P12345678", "UTO"),))


def outcome_of(result: ScreeningResult, code: str) -> tuple[Outcome, str]:
    (found,) = [finding for finding in result.findings if finding.check.code == code]
    return found.outcome, found.reason


def make_older(*, names: bool = False, documents: bool = False) -> None:
    """Turn what is stored into what an older release would have left."""
    if names:
        EntryKey.objects.all().delete()
        EntryKey.objects.bulk_create(
            [EntryKey(key=OLD_NAME_KEY, entry=e) for e in WatchlistEntry.objects.all()]
        )
        EntrySearchForm.objects.update(key_version=KEY_VERSION - 1)
        NameFrequencies.objects.update(key_version=KEY_VERSION - 1)
        TravelerKey.objects.all().delete()
        TravelerSearchForm.objects.update(key_version=KEY_VERSION - 1)
        KeyRules.objects.update(name_version=KEY_VERSION - 1)
    if documents:
        held = [EntryKey(key=OLD_DOCUMENT_KEY, entry=e) for e in WatchlistEntry.objects.all()]
        EntryKey.objects.bulk_create(held)
        TravelerSearchForm.objects.update(document_key=OLD_DOCUMENT_KEY)
        KeyRules.objects.update(document_version=DOCUMENT_KEY_VERSION - 1)
    load_statistics.__globals__["_load_merged"].cache_clear()


@pytest.fixture
def screened(activate: MakeList, screen_reading: Screen, make_reading: Make) -> Callable[[], ScreeningResult]:
    activate(SOUGHT)
    return lambda: screen_reading(make_reading())


def test_what_is_stored_first_is_by_the_rules_of_this_release(
    screened: Callable[[], ScreeningResult],
) -> None:
    rules = KeyRules.objects.get()

    assert (rules.name_version, rules.document_version) == (KEY_VERSION, DOCUMENT_KEY_VERSION)
    assert outcome_of(screened(), "SCREEN.NAME") == (Outcome.FAIL, "hit")


@pytest.mark.parametrize(
    ("older", "outdated", "checked"),
    [("names", "SCREEN.NAME", "SCREEN.DOCUMENT"), ("documents", "SCREEN.DOCUMENT", "SCREEN.NAME")],
)
def test_keys_by_older_rules_are_not_checked_and_the_others_are(
    screened: Callable[[], ScreeningResult], older: str, outdated: str, checked: str
) -> None:
    KeyRules.objects.update(**{f"{older.removesuffix('s')}_version": 1})

    result = screened()

    assert outcome_of(result, outdated) == (Outcome.UNDETERMINED, IndexOutdated.code)
    assert outcome_of(result, checked) == (Outcome.FAIL, "hit")
    assert result.screening.status == "NOT_CHECKED"


@pytest.mark.parametrize(("names", "documents"), [(True, False), (False, True), (True, True)])
def test_sweep_makes_all_keys_anew(
    screened: Callable[[], ScreeningResult], at: datetime, names: bool, documents: bool
) -> None:
    before = screened()
    expected = set(EntryKey.objects.values_list("key", "entry_id"))
    of_travelers = set(TravelerKey.objects.values_list("key", "screening_id"))
    number = TravelerSearchForm.objects.get().document_key
    make_older(names=names, documents=documents)

    assert tend(at=at)["rekeyed"] > 0

    left = {(OLD_DOCUMENT_KEY, e.id) for e in WatchlistEntry.objects.all()} if documents else set()
    assert set(EntryKey.objects.values_list("key", "entry_id")) - left == expected
    assert set(TravelerKey.objects.values_list("key", "screening_id")) == of_travelers
    assert TravelerSearchForm.objects.get().document_key == number
    after = screened()
    assert {h.entry_id for h in after.screening.hits.all()} == {
        h.entry_id for h in before.screening.hits.all()
    }
    assert tend(at=at)["rekeyed"] == 0


def test_entry_of_documents_alone_loses_its_old_keys(
    activate: MakeList, screen_reading: Screen, make_reading: Make
) -> None:
    activate(entry(names=(), birth_dates=(), documents=(ListedDocument("P12345678", "UTO"),)))
    EntryKey.objects.all().delete()
    make_older(documents=True)

    continue_rekeying(budget_s=None)

    assert not EntryKey.objects.filter(key=OLD_DOCUMENT_KEY).exists()
    assert outcome_of(screen_reading(make_reading()), "SCREEN.DOCUMENT") == (Outcome.FAIL, "hit")


def test_interrupted_rekeying_goes_on_where_it_was(
    screened: Callable[[], ScreeningResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("watchlists.services.rekeying.key_parts", lambda: [(-(2**63), 0), (0, 2**63 - 1)])
    make_older(names=True, documents=True)
    steps = 0
    while KeyRules.objects.filter(name_version=KEY_VERSION).count() == 0:
        assert outcome_of(screened(), "SCREEN.NAME") == (Outcome.UNDETERMINED, IndexOutdated.code)
        continue_rekeying(budget_s=0.0)
        steps += 1
        assert steps < 20

    assert 5 < steps < 20
    assert outcome_of(screened(), "SCREEN.NAME") == (Outcome.FAIL, "hit")


def test_travellers_screened_before_a_change_of_rules_are_met_by_later_entries(
    screen_reading: Screen,
    make_reading: Make,
    propose: MakeList,
    second: Actor,
    at: datetime,
    threshold: object,
) -> None:
    screen_reading(make_reading())
    later = at + timedelta(hours=1)
    activate_version(actor=second, at=later, version_id=propose(SOUGHT).id)
    make_older(names=True)

    assert continue_retro_screening(clock=lambda: later, budget_s=5) == 0
    call_command("reindex_watchlists")
    assert continue_retro_screening(clock=lambda: later, budget_s=5) == 1

    assert {lead.kind for lead in Lead.objects.all()} >= {"NAME"}


def test_travellers_screened_by_an_older_release_before_there_was_a_list_are_made_anew(
    screen_reading: Screen, make_reading: Make, propose: MakeList
) -> None:
    screen_reading(make_reading())
    TravelerSearchForm.objects.update(key_version=KEY_VERSION - 1)
    propose(SOUGHT)

    assert KeyRules.objects.get().name_version == KEY_VERSION - 1


def test_nothing_is_due_where_nothing_was_stored(db: None, at: datetime) -> None:
    assert continue_rekeying(budget_s=None) == 0
