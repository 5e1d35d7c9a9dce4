"""Minors without their people. None of these is a forgery: a person has to look."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid5

from borders.core.record_checks import Companion, History, PartyMember
from borders.core.stays import OpenStay
from tests.documents.forgeries.kinds import Kind, kind, passport
from tests.documents.genuine import (
    AT,
    Rng,
    facts_of,
    pick,
)
from tests.documents.presented import NAMESPACE, Presented


def member_of_party(name: str, surname: str, years: float) -> PartyMember:
    """Return somebody who travels along. years: of age."""
    born = AT.date() - timedelta(days=int(years * 365.25))
    return PartyMember(uuid5(NAMESPACE, name), surname, born, person=name)


def _minor(rng: Rng) -> Presented:
    paper = passport(rng)
    born = AT.date() - timedelta(days=int(rng.uniform(3, 17.9) * 365.25))
    issued = max(paper.issue_date, born + timedelta(days=30))
    expires = min(paper.expiry_date, issued + timedelta(days=1400))
    if expires <= AT.date():
        issued, expires = AT.date() - timedelta(days=100), AT.date() + timedelta(days=900)
    paper = replace(
        paper,
        birth_date=born,
        birth_raw=f"{born:%y%m%d}",
        issue_date=issued,
        expiry_date=expires,
        surname="Lindqvist",
        form=("LINDQVIST", paper.form[1]),
    )
    return Presented(facts_of(paper))


def _minor_alone(rng: Rng) -> Presented:
    return _minor(rng)


def _minor_with_stranger(rng: Rng) -> Presented:
    return replace(
        _minor(rng), companions=(member_of_party("adult", pick(rng, ("HALVORSEN", "NDIAYE", "ORTEGA")), 40),)
    )


def _adult(rng: Rng) -> Presented:
    paper = replace(passport(rng), surname="Halvorsen", form=("HALVORSEN", "PER"), given="Per")
    return Presented(facts_of(paper))


def _unrelated_minors(rng: Rng) -> Presented:
    children = tuple(
        member_of_party(f"child{i}", name, float(rng.uniform(2, 17.5)))
        for i, name in enumerate(("ORTEGA", "NDIAYE", "LINDQVIST")[: int(rng.integers(2, 4))])
    )
    return replace(_adult(rng), companions=children)


def _companion(name: str, surname: str, party: str, days: float) -> Companion:
    return Companion(name, surname, date(2014, 6, 1), party, AT - timedelta(days=days), True)


def _changing_minors(rng: Rng) -> Presented:
    earlier = tuple(
        _companion(f"earlier{i}", name, f"party{i}", float(rng.uniform(20, 300)))
        for i, name in enumerate(("ORTEGA", "NDIAYE"))
    )
    return replace(
        _adult(rng),
        companions=(member_of_party("now", "LINDQVIST", 11),),
        history=History(companions=earlier),
    )


def _minor_left_behind(rng: Rng) -> Presented:
    child = _companion("child", "ORTEGA", "party", float(rng.uniform(2, 150)))
    entered = child.crossed_at
    return replace(
        _adult(rng),
        entering=False,
        open_stay=OpenStay(entered, AT.date() + timedelta(days=3)),
        history=History(companions=(child,)),
    )


def _documents_held(rng: Rng) -> Presented:
    return replace(
        _adult(rng),
        companions=(member_of_party("other", "ORTEGA", 30),),
        observations=("documents_held_by_other",),
    )


def _shared_booking(rng: Rng) -> Presented:
    return replace(
        _minor(rng),
        booking=(member_of_party("stranger", "HALVORSEN", 44), member_of_party("another", "ORTEGA", 29)),
    )


PROTECTION_KINDS: tuple[Kind, ...] = (
    kind("minor alone", "protection", "PARTY.MINOR_ACCOMPANIED", _minor_alone),
    kind("minor with a stranger", "protection", "PARTY.MINOR_ACCOMPANIED", _minor_with_stranger),
    kind("unrelated minors with one adult", "protection", "PARTY.UNRELATED_MINORS", _unrelated_minors),
    kind("other minors each time", "protection", "PROTECT.CHANGING_MINORS", _changing_minors),
    kind("minor stays behind", "protection", "PROTECT.MINOR_LEFT", _minor_left_behind),
    kind("one person holds all documents", "protection", "PROTECT.DOCUMENTS_HELD", _documents_held),
    kind("minor on a booking of strangers", "protection", "PROTECT.SHARED_BOOKING", _shared_booking),
)
