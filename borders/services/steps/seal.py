"""Read and verify the visible digital seal of a visa or an emergency document."""

from datetime import datetime

from borders.models import Inspection
from travelers.core.checks import VisaFacts
from travelers.core.seals.facts import seal_facts
from travelers.services import get_trust_store


def visa_facts_of(inspection: Inspection, *, at: datetime) -> VisaFacts | None:
    """Return what was presented beside the passport, None for nothing."""
    lines = tuple(inspection.visa_lines)
    if inspection.seal is None:
        return VisaFacts(lines) if lines else None
    store, _ = get_trust_store()
    return VisaFacts(lines, seal=seal_facts(bytes(inspection.seal), store, at=at))
