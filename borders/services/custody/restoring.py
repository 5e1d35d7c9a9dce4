"""After a restore: erase again whom the backup brought back, by the register that lies outside the database."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from audit.core.actor import Actor
from biometrics.services.erasure import finish_erasure
from biometrics.services.keys import KeysLeft
from borders.models import Erasure, Inspection
from borders.services.custody.erasure import erase_again
from borders.services.custody.finishing import ErasureUnfinished
from borders.services.custody.register import read_register
from travelers.models import Traveler


def reapply_erasures(
    *,
    actor: Actor,
    at: datetime,
    register: Path | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> dict[str, int]:
    """Apply every erasure of the register that the database does not know; return how many, and how many it knew.

    Legal holds do not stand against it: the person was erased before the backup came back. Safe to run twice.
    Raises ErasureUnfinished once all were applied, if a key is left in the store or in a copy of it.
    """
    found = {"applied": 0, "known": 0}
    left = 0
    for number, line in enumerate(read_register(register)):
        if _is_known(line):
            found["known"] += 1
        else:
            erase_again(actor=actor, at=at, line=line)
            found["applied"] += 1
        try:
            _purge_beside(line, at)
        except (KeysLeft, OSError):
            left += 1
        progress(number + 1)
    if left:
        raise ErasureUnfinished(
            f"{found['applied']} applied, {left} of all unfinished: keys or files are left."
        )
    return found


def _is_known(line: dict[str, Any]) -> bool:
    """An erasure counts as known only where its rows say so too: a restore of single tables may bring rows back alone."""
    if not Erasure.objects.filter(id=line["id"]).exists():
        return False
    if (
        line["subject"] == Erasure.Subject.TRAVELER
        and Traveler.objects.filter(id=line["subject_id"]).exists()
    ):
        return False
    if line["subject"] == Erasure.Subject.IMAGES:
        return True
    return not Inspection.objects.filter(id__in=line["inspections"], erased_at__isnull=True).exists()


def _purge_beside(line: dict[str, Any], at: datetime) -> None:
    """Destroy keys and files that a backup of these brought back beside the database."""
    finish_erasure(
        at=at,
        keys=[(slot, UUID(key_id)) for slot, key_id in line["keys"]],
        files=line["files"],
        gallery_ids=[],
    )


__all__ = ["reapply_erasures"]
