"""Movements and use that the record does not allow."""

from dataclasses import replace
from datetime import timedelta

from borders.core.record_checks import History, PastCrossing
from borders.core.stays import OpenStay
from tests.documents.forgeries.kinds import Kind, kind, passport
from tests.documents.genuine import (
    AT,
    Rng,
    facts_of,
)
from tests.documents.presented import FAR, HERE, Presented


def plain(rng: Rng) -> Presented:
    return Presented(facts_of(passport(rng)))


def _crossed(*crossings: PastCrossing) -> History:
    return History(crossings=crossings, document_crossings=crossings)


def _impossible_speed(rng: Rng) -> Presented:
    minutes = float(rng.uniform(1, 400))
    past = _crossed(PastCrossing(AT - timedelta(minutes=minutes), False, FAR, "document"))
    return replace(plain(rng), history=past)


def _two_places(rng: Rng) -> Presented:
    return replace(plain(rng), history=History(document_in_use_at=("UTLND",)))


def _entry_without_exit(rng: Rng) -> Presented:
    entered = AT - timedelta(days=float(rng.uniform(2, 80)))
    return replace(plain(rng), open_stay=OpenStay(entered, (entered + timedelta(days=89)).date()))


def _exit_without_entry(rng: Rng) -> Presented:
    return replace(plain(rng), entering=False)


def _overstay(rng: Rng) -> Presented:
    entered = AT - timedelta(days=float(rng.uniform(95, 300)))
    stay = OpenStay(entered, (entered + timedelta(days=89)).date())
    return replace(plain(rng), entering=False, open_stay=stay)


def _used_too_often(rng: Rng) -> Presented:
    count = int(rng.integers(40, 80))
    past = tuple(
        PastCrossing(AT - timedelta(hours=8 * (i + 1)), i % 2 == 1, HERE, "document") for i in range(count)
    )
    return replace(plain(rng), history=_crossed(*past))


def _many_documents(rng: Rng) -> Presented:
    count = int(rng.integers(3, 7))
    others = tuple((f"D{i}", AT - timedelta(days=40 * (i + 1))) for i in range(count))
    return replace(plain(rng), history=History(other_documents=others))


def _many_lost_reports(rng: Rng) -> Presented:
    return replace(plain(rng), history=History(lost_reports=int(rng.integers(3, 8))))


RECORD_KINDS: tuple[Kind, ...] = (
    kind("journey that is too fast", "record", "TRAVEL.SPEED", _impossible_speed),
    kind("document in use in two places", "record", "TRAVEL.TWO_PLACES", _two_places),
    kind("entry without exit", "record", "STAY.DIRECTION", _entry_without_exit),
    kind("exit without entry", "record", "STAY.DIRECTION", _exit_without_entry),
    kind("overstay", "record", "STAY.OVERSTAY", _overstay),
    kind("document used too often", "record", "USE.FREQUENCY", _used_too_often),
    kind("new document on every journey", "record", "USE.DOCUMENTS", _many_documents),
    kind("many loss reports", "record", "USE.LOST_REPORTS", _many_lost_reports),
)
