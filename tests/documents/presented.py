"""One traveller as the checks see them: document, list, record, party and manifest; and all findings on them."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from biometrics.core.outcomes import AS_DELIVERED, Check, Finding, Outcome, Settings, Severity
from borders.core.face_checks import Identity, KnownFace, judge_other_identity
from borders.core.record_checks import (
    Announced,
    History,
    PartyMember,
    PastCrossing,
    Post,
    check_manifest,
    check_movement,
    check_party,
    check_protection,
    check_stay,
    judge_document_face,
    youngest_birth_date,
)
from borders.core.stays import OpenStay
from tests.documents.genuine import AT, Rng
from travelers.core.checks import DocumentFacts, EarlierHolder, check_document, check_holder
from watchlists.core.documents import DocumentMatch, match_document

NAMESPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
HERE = Post("UTAPT", 59.65, 17.92)
THERE = Post("UTSEA", 57.70, 11.94)
FAR = Post("UTFAR", 35.55, 139.78)
# what screening declares for a listed document; the lists themselves are not simulated
LISTED = Check("SCREEN.DOCUMENT", "The document is on no list.", Severity.BLOCK, "lists in force")


@dataclass(frozen=True, slots=True)
class Presented:
    """Everything that is known of one traveller at one booth.

    listed: (number, issuer) on lists of lost and stolen documents. face_scores: of the live face against those that
    crossed with the document. other_faces: earlier crossings with this face, under other names.
    """

    facts: DocumentFacts
    at: datetime = AT
    entering: bool = True
    post: Post = HERE
    earlier: tuple[EarlierHolder, ...] = ()
    listed: tuple[tuple[str, str], ...] = ()
    history: History = field(default_factory=History)
    open_stay: OpenStay | None = None
    own_national: bool = False
    companions: tuple[PartyMember, ...] = ()
    companion_travelers: tuple[str, ...] = ()
    observations: tuple[str, ...] = ()
    manifest: tuple[Announced, ...] | None = None
    booking: tuple[PartyMember, ...] = ()
    face_scores: tuple[float, ...] = ()
    other_faces: tuple[KnownFace, ...] = ()


FACE_THRESHOLD = 0.45


def announced_of(facts: DocumentFacts) -> Announced:
    """Return a traveller as a careful carrier announces them."""
    return Announced(
        facts.document_number,
        facts.issuing_state,
        facts.primary_identifier,
        facts.secondary_identifier,
        facts.birth_date,
        facts.nationality,
    )


def examine(given: Presented, settings: Settings = AS_DELIVERED) -> tuple[Finding, ...]:
    """Return every finding on one traveller."""
    facts, at = given.facts, given.at
    born = facts.birth_date or youngest_birth_date(facts.birth_date_raw, at=at)
    subject = PartyMember(uuid5(NAMESPACE, "subject"), facts.primary_identifier, born)
    party = (subject, *given.companions)
    own = Identity(facts.primary_identifier, facts.secondary_identifier, facts.birth_date)
    return (
        *check_document(facts, at=at, settings=settings),
        check_holder(facts, given.earlier),
        _screen(given),
        judge_other_identity(
            candidates=given.other_faces, own=own, own_traveler_id=None, threshold=FACE_THRESHOLD
        ),
        *check_stay(
            entering=given.entering,
            identified=facts.has_data,
            own_national=given.own_national,
            open_stay=given.open_stay,
            at=at,
        ),
        *check_party(
            subject_id=subject.inspection_id, members=party, minor_below_years=18, at=at, settings=settings
        ),
        judge_document_face(scores=given.face_scores, threshold=FACE_THRESHOLD),
        *check_movement(history=given.history, post=given.post, at=at, settings=settings),
        check_manifest(booth=announced_of(facts), manifest=given.manifest),
        *check_protection(
            subject=subject,
            party=party,
            party_travelers=given.companion_travelers,
            history=given.history,
            entering=given.entering,
            observations=given.observations,
            booking=given.booking,
            minor_below_years=18,
            at=at,
            settings=settings,
        ),
    )


def _screen(given: Presented) -> Finding:
    best: DocumentMatch | None = None
    for number, state in given.listed:
        match = match_document(
            document_number=given.facts.document_number,
            issuing_state=given.facts.issuing_state,
            listed_number=number,
            listed_state=state,
        )
        if match is not None and (best is None or match is DocumentMatch.EXACT):
            best = match
    if best is None:
        return Finding(LISTED, Outcome.PASS)
    weight = Severity.BLOCK if best is DocumentMatch.EXACT else Severity.REVIEW
    return Finding(replace(LISTED, severity=weight), Outcome.FAIL, best.value)


def ordinary_past(rng: Rng, at: datetime = AT) -> tuple[History, OpenStay | None, bool]:
    """Return the past of an honest traveller, the stay that is open, and whether they enter now.

    Commuters and tourists: pairs of crossings at one or two posts, each journey possible.
    """
    pairs = int(rng.integers(0, 9))
    crossings: list[PastCrossing] = []
    moment = at - timedelta(days=float(rng.uniform(5, 25)))
    entering = rng.random() < 0.7
    for number in range(pairs * 2 + (0 if entering else 1)):
        is_entry = (number % 2 == 1) if entering else (number % 2 == 0)
        post = HERE if rng.random() < 0.7 else THERE
        crossings.append(PastCrossing(moment, is_entry, post, "document"))
        moment -= timedelta(days=float(rng.uniform(1, 18)))
    stay = None
    if not entering:
        entered = crossings[0].occurred_at
        stay = OpenStay(entered, (entered + timedelta(days=89)).date())
    past = tuple(crossings)
    return History(crossings=past, document_crossings=past), stay, entering
