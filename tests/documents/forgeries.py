"""Forgeries in logic: what a forger does to zone, page, issuer, lists, visa and record, one function a kind.

Each takes a genuine adult's document and gives the traveller who presents the forgery.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from uuid import uuid5

from biometrics.core.mrz.alphabet import check_digit
from biometrics.core.outcomes import Settings
from borders.core.face_checks import Identity, KnownFace
from borders.core.record_checks import Companion, History, PartyMember, PastCrossing
from borders.core.stays import OpenStay
from tests.documents.genuine import (
    AT,
    DIGITS,
    LETTERS,
    Paper,
    Rng,
    characters,
    draw_paper,
    facts_of,
    pick,
    read_facts,
    visa_lines,
)
from tests.documents.presented import FAR, HERE, NAMESPACE, Presented, announced_of
from travelers.core.checks import EarlierHolder, VisaFacts
from travelers.core.data.issuers import ISSUERS

Forge = Callable[[Rng], Presented]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of forgery. expected: codes of which one at least must FAIL. settings: rules that a State would have."""

    name: str
    group: str
    expected: frozenset[str]
    forge: Forge
    settings: Settings = field(default_factory=dict)


def _passport(rng: Rng, issuer: str = "") -> Paper:
    return draw_paper(rng, kind="TD3", issuer=issuer, adult=True)


def _known_passport(rng: Rng) -> Paper:
    return _passport(rng, pick(rng, tuple(sorted(ISSUERS))))


def _put(lines: tuple[str, ...], line: int, start: int, text: str) -> tuple[str, ...]:
    rows = list(lines)
    rows[line] = rows[line][:start] + text + rows[line][start + len(text) :]
    return tuple(rows)


def _other(rng: Rng, alphabet: str, character: str) -> str:
    return pick(rng, tuple(c for c in alphabet if c != character))


def _other_digit(rng: Rng, character: str) -> str:
    """Return another digit. Weights 7, 3 and 1 have no factor in common with 10, so the check digit always changes."""
    return _other(rng, DIGITS, character)


def _presented(paper: Paper, lines: tuple[str, ...], **printed: str) -> Presented:
    return Presented(read_facts(lines, paper.printed() | printed))


# zone


def _overwritten_number(rng: Rng) -> Presented:
    paper = _passport(rng)
    lines = paper.lines()
    places = [i for i in range(9) if lines[1][i].isdigit()]
    place = places[int(rng.integers(len(places)))]
    forged = _put(lines, 1, place, _other_digit(rng, lines[1][place]))
    return _presented(paper, forged, document_number=forged[1][:9].rstrip("<"))


def _overwritten_birth(rng: Rng) -> Presented:
    paper = _passport(rng)
    lines = paper.lines()
    return _presented(paper, _put(lines, 1, 14, _other_digit(rng, lines[1][14])))


def _overwritten_expiry(rng: Rng) -> Presented:
    """One digit of the year, in the zone and on the page alike."""
    paper = _passport(rng)
    later = paper.expiry_date.replace(day=min(paper.expiry_date.day, 28))
    later = later.replace(year=later.year + (1 if later.year % 10 < 9 else 10))
    raw = f"{paper.expiry_date:%y%m%d}"
    return _presented(
        paper, _put(paper.lines(), 1, 21, f"{later:%y}{raw[2:]}"), expiry_date=later.isoformat()
    )


def _rewritten_expiry(rng: Rng) -> Presented:
    """A whole date, in the zone and on the page alike: the digits then fit by chance once in some fifty times."""
    paper = _passport(rng)
    lines = paper.lines()
    later = paper.expiry_date + timedelta(days=int(rng.integers(40, 700)))
    return _presented(paper, _put(lines, 1, 21, f"{later:%y%m%d}"), expiry_date=later.isoformat())


def _digit_but_not_composite(rng: Rng) -> Presented:
    """The forger knows the digit of the field and forgets the composite."""
    paper = _passport(rng)
    lines = paper.lines()
    while True:
        born = date(int(rng.integers(1945, 2005)), int(rng.integers(1, 13)), int(rng.integers(1, 29)))
        raw = f"{born:%y%m%d}"
        forged = _put(lines, 1, 13, raw + check_digit(raw))
        if (
            forged[1] != lines[1]
            and check_digit(forged[1][:10] + forged[1][13:20] + forged[1][21:43]) != forged[1][43]
        ):
            return _presented(paper, forged, birth_date=born.isoformat())


def _letter_among_digits(rng: Rng) -> Presented:
    paper = _passport(rng)
    lines = paper.lines()
    return _presented(paper, _put(lines, 1, 43, pick(rng, tuple(LETTERS))))


def _impossible_birth(rng: Rng) -> Presented:
    paper = replace(
        _passport(rng), birth_raw=pick(rng, ("810231", "791301", "850431", "900732")), birth_date=None
    )
    return _presented(paper, paper.lines())


# page against zone


def _rebuilt_number(rng: Rng) -> Presented:
    """Every digit recomputed: only the page tells."""
    paper = _passport(rng)
    forged = replace(
        paper, document_number=paper.document_number[:-1] + _other(rng, DIGITS, paper.document_number[-1])
    )
    return _presented(paper, forged.lines())


def _altered_page_birth(rng: Rng) -> Presented:
    paper = replace(_passport(rng))
    born = paper.birth_date or date(1980, 5, 4)
    paper = replace(paper, birth_date=born, birth_raw=f"{born:%y%m%d}")
    shown = born + timedelta(days=int(rng.integers(1, 4000)) * (1 if rng.random() < 0.5 else -1))
    shown = shown if shown.strftime("%y%m%d") != born.strftime("%y%m%d") else shown + timedelta(days=1)
    return _presented(paper, paper.lines(), birth_date=shown.isoformat())


def _altered_page_name(rng: Rng) -> Presented:
    paper = replace(_passport(rng), surname="Lindqvist", form=("LINDQVIST", "ANNA"), given="Anna")
    return _presented(
        paper, paper.lines(), primary_identifier=pick(rng, ("Lindkvist", "Lundqvist", "Ekström", "Lind"))
    )


def _altered_page_expiry(rng: Rng) -> Presented:
    paper = _passport(rng)
    later = paper.expiry_date + timedelta(days=int(rng.integers(1, 900)))
    return _presented(paper, paper.lines(), expiry_date=later.isoformat())


def _altered_page_nationality(rng: Rng) -> Presented:
    paper = _passport(rng)
    other = pick(rng, tuple(s for s in sorted(ISSUERS) if s != paper.nationality))
    return _presented(paper, paper.lines(), nationality=other)


def _altered_page_sex(rng: Rng) -> Presented:
    paper = replace(_passport(rng), sex=pick(rng, ("M", "F")))
    return _presented(paper, paper.lines(), sex="F" if paper.sex == "M" else "M")


# validity


def _expired(rng: Rng) -> Presented:
    paper = _passport(rng)
    paper = replace(
        paper, expiry_date=AT.date() - timedelta(days=int(rng.integers(1, 2000))), issue_date=date(2014, 3, 2)
    )
    return _presented(paper, paper.lines())


def _issued_in_future(rng: Rng) -> Presented:
    paper = _passport(rng)
    issued = AT.date() + timedelta(days=int(rng.integers(1, 30)))
    return _presented(replace(paper, issue_date=issued), paper.lines())


def _issued_before_birth(rng: Rng) -> Presented:
    paper = _passport(rng)
    born = AT.date() - timedelta(days=int(rng.integers(200, 1500)))
    paper = replace(
        paper,
        birth_date=born,
        birth_raw=f"{born:%y%m%d}",
        issue_date=born - timedelta(days=int(rng.integers(1, 900))),
    )
    return _presented(paper, paper.lines())


def _too_long_validity(rng: Rng) -> Presented:
    paper = _known_passport(rng)
    issuer = ISSUERS[paper.issuing_state]
    expires = paper.issue_date.replace(day=min(paper.issue_date.day, 28))
    expires = expires.replace(year=expires.year + issuer.adult_years) + timedelta(
        days=int(rng.integers(60, 1500))
    )
    paper = replace(paper, expiry_date=expires)
    return _presented(paper, paper.lines())


# issuer


def _other_issuers_number(rng: Rng) -> Presented:
    paper = _known_passport(rng)
    paper = replace(paper, document_number=characters(rng, LETTERS, 4) + characters(rng, DIGITS, 2))
    return _presented(paper, paper.lines())


def _number(
    rng: Rng, issuer: str, prefix: str, first: int, last: int, issued: date | None = None
) -> Presented:
    paper = _passport(rng, issuer)
    paper = replace(paper, document_number=f"{prefix}{int(rng.integers(first, last + 1)):07d}")
    if issued is not None:
        paper = replace(paper, issue_date=issued, expiry_date=issued.replace(year=issued.year + 10))
    return _presented(paper, paper.lines())


def _unknown_issuer(rng: Rng) -> Presented:
    paper = _passport(rng, pick(rng, ("QQZ", "ZZX", "KRV", "FDL", "XZZ")))
    return _presented(paper, paper.lines())


def _unknown_nationality(rng: Rng) -> Presented:
    paper = replace(_passport(rng), nationality=pick(rng, ("QQZ", "ZZX", "KRV", "FDL")))
    return _presented(paper, paper.lines())


def _utopia(rng: Rng) -> Presented:
    paper = replace(_passport(rng), issuing_state="UTO", nationality="UTO")
    return _presented(paper, paper.lines())


def _specimen_holder(rng: Rng) -> Presented:
    paper = _passport(rng, "D")
    paper = replace(paper, surname="Mustermann", given="Erika", form=("MUSTERMANN", "ERIKA"))
    return _presented(paper, paper.lines())


def _fantasy(rng: Rng) -> Presented:
    paper = replace(_passport(rng), issuing_state="WSA")
    return _presented(paper, paper.lines())


def _state_no_more(rng: Rng) -> Presented:
    paper = replace(_passport(rng), issuing_state=pick(rng, ("YUG", "SUN", "CSK", "DDR", "ZAR")))
    return _presented(paper, paper.lines())


def _wrong_type(rng: Rng) -> Presented:
    paper = draw_paper(rng, kind="TD1", adult=True)
    paper = replace(paper, document_code=pick(rng, ("P", "X", "D")))
    return _presented(paper, paper.lines())


def _not_recognised(rng: Rng) -> Presented:
    paper = _passport(rng, "XOM")
    return _presented(paper, paper.lines())


# lists


def _listed_exact(rng: Rng) -> Presented:
    paper = _passport(rng)
    return replace(_presented(paper, paper.lines()), listed=((paper.document_number, paper.issuing_state),))


def _listed_near(rng: Rng) -> Presented:
    paper = replace(_passport(rng), document_number="B" + characters(rng, DIGITS, 4) + "08")
    forged = replace(paper, document_number=paper.document_number[:-2] + pick(rng, ("O8", "0B", "OB", "Q8")))
    return replace(_presented(forged, forged.lines()), listed=((paper.document_number, paper.issuing_state),))


def _listed_other_issuer(rng: Rng) -> Presented:
    paper = _known_passport(rng)
    other = pick(rng, tuple(s for s in sorted(ISSUERS) if s != paper.issuing_state))
    return replace(_presented(paper, paper.lines()), listed=((paper.document_number, other),))


# holder and faces


def _borrowed_number(rng: Rng) -> Presented:
    paper = _passport(rng)
    earlier = EarlierHolder("SORENSEN", "KAREN", paper.birth_date)
    return replace(_presented(paper, paper.lines()), earlier=(earlier,))


def _other_birth_before(rng: Rng) -> Presented:
    paper = _passport(rng)
    while paper.birth_date is None:
        paper = _passport(rng)
    facts = facts_of(paper)
    earlier = EarlierHolder(
        facts.primary_identifier,
        facts.secondary_identifier,
        paper.birth_date - timedelta(days=int(rng.integers(1, 3000))),
    )
    return replace(Presented(facts), earlier=(earlier,))


def _other_face_before(rng: Rng) -> Presented:
    """Scores of other people's faces, drawn from the impostor distribution of the engine in use (mean 0.05, deviation 0.09)."""
    paper = _passport(rng)
    scores = tuple(float(s) for s in rng.normal(0.05, 0.09, int(rng.integers(1, 4))))
    return replace(_presented(paper, paper.lines()), face_scores=scores)


def _two_identities(rng: Rng) -> Presented:
    """A search among earlier crossings finds the face under another name: what the rule makes of it, not the search itself."""
    paper = _passport(rng)
    known = KnownFace(uuid5(NAMESPACE, "other"), Identity("SORENSEN", "KAREN", date(1979, 4, 3)), 0.71)
    return replace(_presented(paper, paper.lines()), other_faces=(known,))


# visa


def _with_visa(rng: Rng, **changes: str) -> Presented:
    paper = _passport(rng)
    facts = replace(facts_of(paper), visa=VisaFacts(visa_lines(paper, **changes)))
    return Presented(facts)


def _visa_of_other_passport(rng: Rng) -> Presented:
    other = characters(rng, LETTERS, 2) + characters(rng, DIGITS, 7)
    return _with_visa(rng, document_number=characters(rng, DIGITS, 9), optional_data=other)


def _visa_of_other_holder(rng: Rng) -> Presented:
    return _with_visa(rng, primary_identifier="LINDQVIST", secondary_identifier="KAREN")


def _expired_visa(rng: Rng) -> Presented:
    return _with_visa(rng, expiry_date=f"{AT - timedelta(days=int(rng.integers(1, 900))):%y%m%d}")


def _visa_digit(rng: Rng) -> Presented:
    given = _with_visa(rng)
    assert given.facts.visa is not None
    lines = given.facts.visa.lines
    forged = _put(lines, 1, 21, _other_digit(rng, lines[1][21]))
    return replace(given, facts=replace(given.facts, visa=VisaFacts(forged)))


# record


def _plain(rng: Rng) -> Presented:
    return Presented(facts_of(_passport(rng)))


def _crossed(*crossings: PastCrossing) -> History:
    return History(crossings=crossings, document_crossings=crossings)


def _impossible_speed(rng: Rng) -> Presented:
    minutes = float(rng.uniform(1, 400))
    past = _crossed(PastCrossing(AT - timedelta(minutes=minutes), False, FAR, "document"))
    return replace(_plain(rng), history=past)


def _two_places(rng: Rng) -> Presented:
    return replace(_plain(rng), history=History(document_in_use_at=("UTLND",)))


def _entry_without_exit(rng: Rng) -> Presented:
    entered = AT - timedelta(days=float(rng.uniform(2, 80)))
    return replace(_plain(rng), open_stay=OpenStay(entered, (entered + timedelta(days=89)).date()))


def _exit_without_entry(rng: Rng) -> Presented:
    return replace(_plain(rng), entering=False)


def _overstay(rng: Rng) -> Presented:
    entered = AT - timedelta(days=float(rng.uniform(95, 300)))
    stay = OpenStay(entered, (entered + timedelta(days=89)).date())
    return replace(_plain(rng), entering=False, open_stay=stay)


def _used_too_often(rng: Rng) -> Presented:
    count = int(rng.integers(40, 80))
    past = tuple(
        PastCrossing(AT - timedelta(hours=8 * (i + 1)), i % 2 == 1, HERE, "document") for i in range(count)
    )
    return replace(_plain(rng), history=_crossed(*past))


def _many_documents(rng: Rng) -> Presented:
    count = int(rng.integers(3, 7))
    others = tuple((f"D{i}", AT - timedelta(days=40 * (i + 1))) for i in range(count))
    return replace(_plain(rng), history=History(other_documents=others))


def _many_lost_reports(rng: Rng) -> Presented:
    return replace(_plain(rng), history=History(lost_reports=int(rng.integers(3, 8))))


# manifest


def _announced_otherwise(rng: Rng) -> Presented:
    paper = _passport(rng)
    while paper.birth_date is None:
        paper = _passport(rng)
    facts = facts_of(paper)
    said = replace(
        announced_of(facts), birth_date=paper.birth_date + timedelta(days=int(rng.integers(1, 2000)))
    )
    return Presented(facts, manifest=(said,))


def _other_document_announced(rng: Rng) -> Presented:
    given = _plain(rng)
    said = replace(announced_of(given.facts), document_number=characters(rng, DIGITS, 9))
    return replace(given, manifest=(said,))


def _not_announced(rng: Rng) -> Presented:
    return replace(_plain(rng), manifest=())


# protection


def member_of_party(name: str, surname: str, years: float) -> PartyMember:
    """Return somebody who travels along. years: of age."""
    born = AT.date() - timedelta(days=int(years * 365.25))
    return PartyMember(uuid5(NAMESPACE, name), surname, born, person=name)


def _minor(rng: Rng) -> Presented:
    paper = _passport(rng)
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
    paper = replace(_passport(rng), surname="Halvorsen", form=("HALVORSEN", "PER"), given="Per")
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


_BLANKS: Mapping[str, Mapping[str, object]] = {
    "NUMBER.BLANK": {
        "ranges": [
            {"issuing_state": "ITA", "first": "YB1000000", "last": "YB1004999", "reason": "theft of 2025"}
        ]
    }
}
_NEVER: Mapping[str, Mapping[str, object]] = {
    "NUMBER.SERIES": {"never_issued": [{"issuing_state": "POL", "first": "ZZ0000000", "last": "ZZ9999999"}]}
}
_WINDOW: Mapping[str, Mapping[str, object]] = {
    "NUMBER.SERIES": {
        "windows": [
            {
                "issuing_state": "ITA",
                "first": "YC0000000",
                "last": "YC9999999",
                "issued_from": "2023",
                "issued_until": "2026",
            }
        ]
    }
}
_EXCLUDED: Mapping[str, Mapping[str, object]] = {"DOCUMENT.TYPE": {"not_recognised": ["XOM"]}}
_TABLE: Mapping[str, Mapping[str, object]] = {"NUMBER.FORMAT": {"confirmed": sorted(ISSUERS)}}


def _kind(name: str, group: str, codes: str, forge: Forge, settings: Settings | None = None) -> Kind:
    return Kind(name, group, frozenset(codes.split()), forge, settings or {})


LOGICAL_KINDS: tuple[Kind, ...] = (
    _kind("number overwritten in the zone", "zone", "MRZ.CHECK_DIGITS MRZ.COMPOSITE", _overwritten_number),
    _kind("birth date overwritten in the zone", "zone", "MRZ.CHECK_DIGITS MRZ.COMPOSITE", _overwritten_birth),
    _kind(
        "year of expiry overwritten in zone and page",
        "zone",
        "MRZ.CHECK_DIGITS MRZ.COMPOSITE",
        _overwritten_expiry,
    ),
    _kind("expiry rewritten in zone and page", "zone", "MRZ.CHECK_DIGITS MRZ.COMPOSITE", _rewritten_expiry),
    _kind("composite digit forgotten", "zone", "MRZ.COMPOSITE", _digit_but_not_composite),
    _kind("letter where a digit belongs", "zone", "MRZ.FORM MRZ.COMPOSITE MRZ.READ", _letter_among_digits),
    _kind("impossible birth date", "zone", "DOCUMENT.DATES", _impossible_birth),
    _kind("number rebuilt with right digits", "page", "VIZ.DOCUMENT_NUMBER", _rebuilt_number),
    _kind("birth date altered on the page", "page", "VIZ.BIRTH_DATE", _altered_page_birth),
    _kind("name altered on the page", "page", "VIZ.NAME", _altered_page_name),
    _kind("expiry altered on the page", "page", "VIZ.EXPIRY_DATE", _altered_page_expiry),
    _kind("nationality altered on the page", "page", "VIZ.NATIONALITY", _altered_page_nationality),
    _kind("sex altered on the page", "page", "VIZ.SEX", _altered_page_sex),
    _kind("expired", "validity", "DOCUMENT.EXPIRED", _expired),
    _kind("issued in the future", "validity", "DOCUMENT.ISSUED", _issued_in_future),
    _kind("issued before birth", "validity", "DOCUMENT.ISSUED", _issued_before_birth),
    _kind("valid longer than the issuer gives", "validity", "DOCUMENT.VALIDITY", _too_long_validity),
    _kind("number in another issuer's format", "issuer", "NUMBER.FORMAT", _other_issuers_number, _TABLE),
    _kind(
        "series never issued",
        "issuer",
        "NUMBER.SERIES",
        lambda r: _number(r, "POL", "ZZ", 0, 9_999_999),
        _NEVER,
    ),
    _kind(
        "series of other years",
        "issuer",
        "NUMBER.SERIES",
        lambda r: _number(r, "ITA", "YC", 0, 9_999_999, date(2018, 5, 7)),
        _WINDOW,
    ),
    _kind(
        "stolen blank",
        "issuer",
        "NUMBER.BLANK",
        lambda r: _number(r, "ITA", "YB", 1_000_000, 1_004_999),
        _BLANKS,
    ),
    _kind("issuer without a code", "issuer", "MRZ.ISSUING_STATE", _unknown_issuer),
    _kind("nationality without a code", "issuer", "MRZ.NATIONALITY", _unknown_nationality),
    _kind("document of Utopia", "issuer", "MRZ.SPECIMEN", _utopia),
    _kind("specimen of a real State", "issuer", "MRZ.SPECIMEN", _specimen_holder),
    _kind("fantasy document", "issuer", "DOCUMENT.FANTASY", _fantasy),
    _kind("document of a State that is no more", "issuer", "DOCUMENT.FANTASY", _state_no_more),
    _kind("type that does not fit the size", "issuer", "DOCUMENT.TYPE", _wrong_type),
    _kind(
        "document that this State does not recognise", "issuer", "DOCUMENT.TYPE", _not_recognised, _EXCLUDED
    ),
    _kind("lost or stolen, exact", "lists", "SCREEN.DOCUMENT", _listed_exact),
    _kind("lost or stolen, a misread character away", "lists", "SCREEN.DOCUMENT", _listed_near),
    _kind("lost or stolen, number of another issuer", "lists", "SCREEN.DOCUMENT", _listed_other_issuer),
    _kind("number that another name used", "holder", "DOCUMENT.HOLDER", _borrowed_number),
    _kind("number that another birth date used", "holder", "DOCUMENT.HOLDER", _other_birth_before),
    _kind("document that another face used", "holder", "DOCUMENT.FACE", _other_face_before),
    _kind("face that another name used", "holder", "FACE.OTHER_IDENTITY", _two_identities),
    _kind("visa of another passport", "visa", "VISA.PASSPORT", _visa_of_other_passport),
    _kind("visa of another holder", "visa", "VISA.HOLDER", _visa_of_other_holder),
    _kind("expired visa", "visa", "VISA.EXPIRED", _expired_visa),
    _kind("visa with a wrong digit", "visa", "VISA.ZONE", _visa_digit),
    _kind("journey that is too fast", "record", "TRAVEL.SPEED", _impossible_speed),
    _kind("document in use in two places", "record", "TRAVEL.TWO_PLACES", _two_places),
    _kind("entry without exit", "record", "STAY.DIRECTION", _entry_without_exit),
    _kind("exit without entry", "record", "STAY.DIRECTION", _exit_without_entry),
    _kind("overstay", "record", "STAY.OVERSTAY", _overstay),
    _kind("document used too often", "record", "USE.FREQUENCY", _used_too_often),
    _kind("new document on every journey", "record", "USE.DOCUMENTS", _many_documents),
    _kind("many loss reports", "record", "USE.LOST_REPORTS", _many_lost_reports),
    _kind("announced otherwise", "manifest", "MANIFEST.LISTED", _announced_otherwise),
    _kind("announced with another document", "manifest", "MANIFEST.LISTED", _other_document_announced),
    _kind("not announced", "manifest", "MANIFEST.LISTED", _not_announced),
    _kind("minor alone", "protection", "PARTY.MINOR_ACCOMPANIED", _minor_alone),
    _kind("minor with a stranger", "protection", "PARTY.MINOR_ACCOMPANIED", _minor_with_stranger),
    _kind("unrelated minors with one adult", "protection", "PARTY.UNRELATED_MINORS", _unrelated_minors),
    _kind("other minors each time", "protection", "PROTECT.CHANGING_MINORS", _changing_minors),
    _kind("minor stays behind", "protection", "PROTECT.MINOR_LEFT", _minor_left_behind),
    _kind("one person holds all documents", "protection", "PROTECT.DOCUMENTS_HELD", _documents_held),
    _kind("minor on a booking of strangers", "protection", "PROTECT.SHARED_BOOKING", _shared_booking),
)
