"""What was found in a chip, a row for each mechanism: the question, how it came out in words, code, signer and time."""

from audit.admin import Fact, Table, Tone, badge, show, show_time
from borders.models import Inspection
from travelers.core.chip import Verdict
from travelers.core.chip.words import QUESTIONS, say_result
from travelers.services import chip_result

RESULT_MARKS = {
    Verdict.VALID: (Tone.GOOD, "check_circle"),
    Verdict.INVALID: (Tone.BAD, "close"),
    Verdict.MALFORMED: (Tone.BAD, "close"),
    Verdict.REVOKED: (Tone.BAD, "block"),
    Verdict.EXPIRED: (Tone.BAD, "event_busy"),
    Verdict.NO_TRUST_ANCHOR: (Tone.WARN, "help"),
    Verdict.NOT_PRESENT: (Tone.QUIET, "remove"),
}


def chip_table(inspection: Inspection) -> Table:
    """Return the mechanisms of the chip that the booth read, in the order in which they are judged."""
    result = chip_result(verification=inspection.chip_verification)
    if result is None:
        tried = "The booth could not read the chip." if inspection.chip_attempted else "No chip was read."
        return Table((), (), empty=tried)
    return Table(
        ("Question", "Answer", "Code", "Signer", "Algorithm", "Milliseconds"),
        [
            (
                QUESTIONS[mechanism],
                badge(say_result(found), *RESULT_MARKS[found.result]),
                found.code,
                show(found.signer),
                show(found.algorithm),
                f"{found.elapsed_ms:,.1f}",
            )
            for mechanism, found in result.mechanisms.items()
        ],
    )


def chip_facts(inspection: Inspection) -> list[Fact]:
    """Return what stands above the table: the whole in words, the trust store, what was read."""
    verification = inspection.chip_verification
    result = chip_result(verification=verification)
    if verification is None or result is None:
        return []
    whole = result.passive_authentication
    groups = ", ".join(f"DG{number}" for number in verification.groups_presented)
    return [
        Fact("Passive authentication", badge(say_result(whole), *RESULT_MARKS[whole.result])),
        Fact("Data groups read", show(groups)),
        Fact("Trust store", str(verification.trust_store) if verification.trust_store else "none in force"),
        Fact("Verified", f"{show_time(verification.verified_at)}, {verification.elapsed_ms:,.1f} ms"),
    ]
