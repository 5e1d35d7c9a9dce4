"""Record a crossing with all that belongs to it: holder, document, stay, enrolment.

Runs inside the transaction of a decision.
"""

from datetime import datetime

from audit.core.actor import Actor
from audit.services import record, store
from biometrics.services.galleries import enrol
from borders.core.stays import Act, OpenStay, Pairing, pair_entry, pair_exit
from borders.models import Country, Crossing, Inspection, Officer, Stay
from borders.models.inspections import Direction
from borders.queries import open_stay_of
from travelers.services import link_enrolment, register_holder

CROSSINGS_GALLERY = "crossings"


def record_crossing(*, actor: Actor, at: datetime, inspection: Inspection, officer: Officer) -> Crossing:
    """Record the crossing of an inspection that is being cleared, pair it with the traveller's stay and enrol
    the live face.

    inspection: locked by the caller, with a reading that names somebody. Raises HolderUnknown.
    """
    port = inspection.port
    traveler, document = register_holder(actor=actor, at=at, reading=inspection.reading)
    # the traveller is locked with that: two booths at once would both find no open stay
    crossing = Crossing(
        occurred_at=at,
        received_at=at,
        direction=inspection.direction,
        transport_mode=port.kind,
        conveyance=inspection.conveyance,
        purpose_of_travel=inspection.purpose_of_travel,
        address_of_stay=inspection.address_of_stay,
        port=port,
        booth_id=actor.booth_id or inspection.booth_id,
        officer=officer,
        inspection=inspection,
        traveler=traveler,
        document=document,
        party_id=inspection.party_id,
    )
    stay = _pair(crossing, port.country, own_national=inspection.reading.nationality == port.country_id)
    if inspection.live_template is not None:
        enrol(
            actor=actor,
            at=at,
            gallery=CROSSINGS_GALLERY,
            template=inspection.live_template,
            subject_id=traveler.id,
        )
        link_enrolment(actor=actor, at=at, traveler=traveler, template=inspection.live_template)
    record(
        actor=actor,
        at=at,
        action="crossing.recorded",
        object_type="crossing",
        object_id=crossing.id,
        detail={
            "direction": crossing.direction,
            "traveler": str(traveler.id),
            "stay": str(stay.id),
            "anomaly": stay.anomaly,
        },
    )
    return crossing


def _pair(crossing: Crossing, country: Country, *, own_national: bool) -> Stay:
    """Store the crossing with its stay."""
    stay = open_stay_of(traveler_id=crossing.traveler_id, country_code=country.code)
    known = OpenStay(stay.entered_at, stay.allowed_until) if stay is not None else None
    if crossing.direction == Direction.ENTRY:
        days = None if own_national else country.default_stay_days
        pairing = pair_entry(open_stay=known, at=crossing.occurred_at, days=days)
    else:
        pairing = pair_exit(open_stay=known, at=crossing.occurred_at)
    if pairing.act is Act.CLOSE and stay is not None:
        store(crossing)
        stay.exit_id, stay.exited_at, stay.exit_port_id = crossing.id, crossing.occurred_at, crossing.port_id
        stay.save(update_fields=("exit_id", "exited_at", "exit_port"))
        return stay
    if pairing.act is Act.REOPEN and stay is not None:
        stay.anomaly = Stay.Anomaly.EXIT_MISSING
        stay.save(update_fields=("anomaly",))
    new = _new_stay(crossing, country, pairing)
    store(crossing, new)
    return new


def _new_stay(crossing: Crossing, country: Country, pairing: Pairing) -> Stay:
    side = "exit" if pairing.act is Act.RECORD_EXIT else "entry"
    ends = {
        f"{side}_id": crossing.id,
        "exited_at" if side == "exit" else "entered_at": crossing.occurred_at,
        f"{side}_port_id": crossing.port_id,
    }
    return Stay(
        traveler_id=crossing.traveler_id,
        country_code=country.code,
        allowed_until=pairing.allowed_until,
        anomaly=pairing.anomaly,
        **ends,
    )
