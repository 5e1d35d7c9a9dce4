"""What the visa rules look at: the zone of the visa or permit, and its digital seal."""

from dataclasses import dataclass, field

from travelers.core.checks.chip_facts import MechanismResult


@dataclass(frozen=True, slots=True)
class SealFacts:
    """A visible digital seal. signature: how its verification came out. zone_lines, passport_number: as signed, empty where
    the seal does not carry them.
    """

    signature: MechanismResult
    code: str = ""
    zone_lines: tuple[str, ...] = ()
    passport_number: str = ""


@dataclass(frozen=True, slots=True)
class VisaFacts:
    """A visa or permit beside the passport. lines: of its zone, MRV-A, MRV-B, TD1 or TD2; () where only a seal was read."""

    lines: tuple[str, ...] = field(default=())
    seal: SealFacts | None = None
