"""The notice of refusal: issued once by a person on named grounds, and printed in the traveller's language as often as needed."""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext

from audit.core.actor import Actor
from audit.services import record, record_read
from borders.core.refusals import GROUND_TEXTS, NOTICE_TEXTS, Ground, NoticeRefused
from borders.models import Country, Decision, Inspection, PortOfEntry, RefusalGround, RefusalNotice
from borders.models.inspections import Direction
from borders.services.access import SECOND_LINE_ROLES, officer_with
from borders.services.letters import Letter, Section, isolate, render_letter
from borders.services.protection import is_protected

NOTICE_ROLES = SECOND_LINE_ROLES
# without letters and digits that are taken for one another on paper
# what a letter shows, by column, for the audit row of its print
LETTER_FIELDS = (
    *(
        "appeal_until",
        "birth_date",
        "decided_at",
        "document_code",
        "document_number",
        "grounds",
        "issuing_state",
    ),
    *("nationality", "port", "primary_identifier", "reference", "secondary_identifier"),
)
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def grounds_for(*, country_code: str) -> list[RefusalGround]:
    """Return the grounds that a country's law knows, in the order of the form."""
    order = {ground: place for place, ground in enumerate(Ground)}
    rows = RefusalGround.objects.filter(country_id=country_code, active=True)
    return sorted(rows, key=lambda row: order[Ground(row.code)])


def find_notice(*, inspection_id: UUID) -> RefusalNotice | None:
    """Return the notice of an inspection's refusal, if one was issued."""
    return RefusalNotice.objects.filter(decision__inspection_id=inspection_id).first()


@transaction.atomic
def issue_notice(*, actor: Actor, at: datetime, inspection_id: UUID, grounds: Sequence[str]) -> RefusalNotice:
    """Issue the notice of a refusal. The same grounds again give the same notice, others are refused: it is in the person's hand.

    Raises NoticeRefused, PermissionDenied, Inspection.DoesNotExist.
    """
    decision = _refusal(actor, at, inspection_id, lock=True)
    inspection = decision.inspection
    country = inspection.port.country
    wanted = list(dict.fromkeys(grounds))
    if not wanted:
        raise NoticeRefused("ground_required", "grounds")
    known = {row.code: row.legal_basis for row in grounds_for(country_code=country.code)}
    if not known.keys() >= set(wanted):
        raise NoticeRefused("ground_unknown", "grounds")
    kept = [{"code": code, "legal_basis": known[code]} for code in known if code in wanted]
    earlier = RefusalNotice.objects.filter(decision=decision).first()
    if earlier is not None:
        if {g["code"] for g in earlier.grounds} != set(wanted):
            raise NoticeRefused("grounds_given", "grounds")
        return earlier
    notice = RefusalNotice.objects.create(
        decision=decision,
        reference=make_reference(port=inspection.port, at=at),
        grounds=kept,
        authority=authority_of(country),
        appeal_until=decision.decided_at.date() + timedelta(days=country.appeal_days),
        issued_by_id=actor.user_id,
        issued_at=at,
    )
    record(
        actor=actor,
        at=at,
        action="refusal_notice.issued",
        object_type="refusal_notice",
        object_id=notice.id,
        detail={"inspection": str(inspection.id), "grounds": [g["code"] for g in kept]},
    )
    return notice


@transaction.atomic
def print_notice(
    *, actor: Actor, at: datetime, inspection_id: UUID, language: str
) -> tuple[RefusalNotice, bytes]:
    """Return the notice and its PDF in a language; every print leaves an audit row.

    Raises NoticeRefused (notice_missing, language_unknown and those of issue_notice), PermissionDenied, Inspection.DoesNotExist.
    """
    decision = _refusal(actor, at, inspection_id)
    notice = RefusalNotice.objects.filter(decision=decision).first()
    if notice is None:
        raise NoticeRefused("notice_missing")
    if language not in dict(settings.LANGUAGES):
        raise NoticeRefused("language_unknown", "language")
    record_read(
        actor=actor,
        at=at,
        object_type="refusal_notice",
        object_ids=[notice.id],
        action="printed",
        detail={"language": language, "inspection": str(inspection_id)},
        fields=LETTER_FIELDS,
    )
    return notice, render_letter(_letter(notice, decision, language))


def make_reference(*, port: PortOfEntry, at: datetime) -> str:
    """Return a reference that nobody can guess from another one, e.g. UTAIR-20261122-7K2MQX."""
    return f"{port.code}-{at.astimezone(UTC):%Y%m%d}-{''.join(secrets.choice(ALPHABET) for _ in range(6))}"


def authority_of(country: Country) -> dict[str, str]:
    """Return who writes for a country and to whom an appeal goes, as kept with each letter."""
    names = ("authority_name", "authority_address", "appeal_name", "appeal_address")
    return {name: getattr(country, name) for name in names}


def sender_lines(authority: dict[str, str]) -> str:
    """Return name and address for the head of a letter."""
    lines = [authority["authority_name"], *authority["authority_address"].splitlines()]
    return "\n".join(isolate(line) for line in lines if line)


def appeal_lines(authority: dict[str, str], until: str) -> list[str]:
    """Return until when and to whom to appeal, in the language in force."""
    if not authority["appeal_name"]:
        return [gettext(NOTICE_TEXTS["no_appeal"])]
    to = ", ".join([authority["appeal_name"], *authority["appeal_address"].splitlines()])
    return [
        f"{gettext(NOTICE_TEXTS['appeal_until'])} {isolate(until)}.",
        f"{gettext(NOTICE_TEXTS['appeal_to'])}: {isolate(to)}.",
    ]


def _refusal(actor: Actor, at: datetime, inspection_id: UUID, *, lock: bool = False) -> Decision:
    # two at once wait for each other here: a decision is evidence, and whoever may not change a row may not lock it
    inspections = Inspection.objects.select_for_update(no_key=True) if lock else Inspection.objects.all()
    inspection = inspections.get(id=inspection_id)
    officer_with(actor=actor, port_id=inspection.port_id, roles=NOTICE_ROLES, at=at)
    rows = Decision.objects.select_related(
        "inspection__port__country", "inspection__reading", "decided_by__officer"
    )
    decision = rows.filter(inspection_id=inspection_id, outcome=Decision.Outcome.REFUSED).first()
    # a claim after the refusal blocks its notice too: the person is not sent away while it stands
    if is_protected(inspection_id=inspection_id):
        raise NoticeRefused("protection_blocks_refusal")
    if decision is None:
        raise NoticeRefused("not_refused")
    return decision


def _letter(notice: RefusalNotice, decision: Decision, language: str) -> Letter:
    inspection, reading = decision.inspection, decision.inspection.reading
    with translation.override(language):
        say = {name: gettext(text) for name, text in NOTICE_TEXTS.items()}
        unknown = say["unknown"]
        names = [reading.primary_identifier, reading.secondary_identifier] if reading else []
        document = (
            [reading.document_code, reading.issuing_state, reading.document_number]
            if reading and reading.document_number
            else []
        )
        born = reading.birth_date.isoformat() if reading and reading.birth_date else unknown
        rows = [
            (say["reference"], notice.reference),
            (say["decided"], f"{decision.decided_at.astimezone(UTC):%Y-%m-%d %H:%M}"),
            (say["port"], str(inspection.port)),
            (say["name"], ", ".join(n for n in names if n) or unknown),
            (say["birth_date"], born),
            (say["nationality"], (reading and reading.nationality) or unknown),
            (say["document"], " ".join(d for d in document if d) or unknown),
        ]
        grounds = [
            f"• {gettext(GROUND_TEXTS[Ground(g['code'])])} {say['legal_basis']}: {isolate(g['legal_basis'])}."
            for g in notice.grounds
        ]
        title = say["title_entry" if inspection.direction == Direction.ENTRY else "title_exit"]
        until = notice.appeal_until.isoformat() if notice.appeal_until else unknown
        return Letter(
            language=language,
            title=title if not inspection.training else f"{title} – {say['training']}",
            sender=sender_lines(notice.authority),
            rows=rows,
            sections=[
                Section(say["grounds"], [*grounds, say["by_officer"]]),
                Section(
                    say["appeal"],
                    [*appeal_lines(notice.authority, until), say["appeal_help"], say["protection"]],
                ),
            ],
            signatures=[
                f"{say['signature_officer']}: {isolate(decision.decided_by.officer.badge_number)}",
                say["signature_person"],
            ],
            footnote=say["signature_note"],
            reference=notice.reference,
            page_word=say["page"],
            made_at=notice.issued_at,
        )
