"""The daily self-test: made-up entries on a list of their own, screened by their perturbed selves.

The list is a list like any other (one person proposes it, another activates it), but marked as a test: no traveller
is ever screened against it, and nothing in it is shown at a booth or counted. What is tested is the whole way: keys in
the tables, the search statement, the statistics and the threshold in force.
"""

import time
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from audit.core.actor import Actor
from audit.services import record
from watchlists.core.birth_dates import BirthDate
from watchlists.core.names import PersonName
from watchlists.core.proposals import ListedDocument, ProposedEntry
from watchlists.core.score import Identity
from watchlists.core.screening import Action
from watchlists.core.self_test import CASES, SelfTestCase
from watchlists.models import SelfTestRun, Watchlist, WatchlistEntry, WatchlistVersion
from watchlists.queries import get_active_lists, get_name_operating_point
from watchlists.services.lists import create_watchlist, propose_version
from watchlists.services.search import search_documents, search_persons

LIST_NAME = "Self-test"
EVERY = timedelta(days=1)
LASTS = timedelta(days=3650)


@transaction.atomic
def propose_test_list(*, actor: Actor, at: datetime) -> WatchlistVersion:
    """Propose the made-up entries as a version of the self-test list; another person activates it.

    Raises ListRefused as create_watchlist and propose_version do.
    """
    watchlist = Watchlist.objects.filter(is_test=True).first()
    if watchlist is None:
        watchlist = create_watchlist(
            actor=actor,
            at=at,
            name=LIST_NAME,
            kind=Watchlist.Kind.PERSON,
            owner_unit=LIST_NAME,
            legal_basis="Test of the screening engine; made-up persons",
        )
        Watchlist.objects.filter(id=watchlist.id).update(is_test=True)
        watchlist.is_test = True
    entries = [_entry(case, at) for case in CASES]
    return propose_version(actor=actor, at=at, watchlist=watchlist, entries=entries, sha256="0" * 64)


def _entry(case: SelfTestCase, at: datetime) -> ProposedEntry:
    year, month, day = case.listed_date
    return ProposedEntry(
        source_id=case.code,
        action=Action.INFO,
        reason="Made-up person for the self-test",
        legal_basis="Test of the screening engine",
        owner_unit=LIST_NAME,
        valid_from=at,
        valid_until=at + LASTS,
        review_by=date(at.year + 5, 1, 1),
        names=(PersonName(case.listed_name),),
        birth_dates=(BirthDate(year, month, day),),
        documents=(ListedDocument(case.document_number, "UTO"),),
    )


def is_self_test_due(*, at: datetime) -> bool:
    """Tell whether a day has passed since the latest self-test."""
    return not SelfTestRun.objects.filter(at__gt=at - EVERY).exists()


@transaction.atomic
def run_self_test(*, actor: Actor, at: datetime) -> SelfTestRun:
    """Screen the perturbed selves of the test entries and keep which were found.

    Without a test list in force or without an operating point nothing is tested, which is a failed test with a reason.
    The threshold is that of the largest list in force: an engine that fires on small lists alone does not pass.
    """
    lists = get_active_lists(test=True)
    point = get_name_operating_point()
    reason = "no_test_list" if not lists.version_ids else "no_operating_point" if point is None else ""
    missed: list[dict[str, str]] = []
    slowest_ms: float | None = None
    if not reason and point is not None:
        largest = max((one.entry_count for one in get_active_lists().searched.values()), default=0)
        searched = {key: replace(one, entry_count=largest) for key, one in lists.searched.items()}
        lists = replace(lists, searched=searched)
        codes: dict[UUID, str] = dict(
            WatchlistEntry.objects.filter(holdings__version_id__in=lists.version_ids).values_list(
                "id", "source_id"
            )
        )
        for case in CASES:
            begun = time.perf_counter()
            persons = search_persons(traveler=_traveler(case), lists=lists, base_bits=point.threshold, at=at)
            documents = search_documents(
                document_number=case.presented_number, issuing_state="UTO", lists=lists, at=at
            )
            slowest_ms = max(slowest_ms or 0.0, (time.perf_counter() - begun) * 1e3)
            if case.code not in {codes.get(one.entry_id) for one in persons.found}:
                missed.append({"entry": case.code, "kind": case.kind})
            if case.code not in {codes.get(one.entry_id) for one in documents}:
                missed.append({"entry": case.code, "kind": "document"})
    run = SelfTestRun.objects.create(
        at=at,
        passed=not reason and not missed,
        reason=reason,
        screened=0 if reason else 2 * len(CASES),
        found=0 if reason else 2 * len(CASES) - len(missed),
        missed=missed,
        slowest_ms=slowest_ms,
    )
    record(
        actor=actor,
        at=at,
        action="screening.self_tested",
        object_type="self_test_run",
        object_id=run.id,
        detail={"passed": run.passed, "reason": reason, "missed": len(missed)},
    )
    return run


def _traveler(case: SelfTestCase) -> Identity:
    year, month, day = case.presented_date
    return Identity(
        names=(PersonName(case.presented_name),),
        birth_dates=(BirthDate(year, month, day),),
        names_truncated=case.truncated,
    )
