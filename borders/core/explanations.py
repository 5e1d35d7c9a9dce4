"""Why a check did not pass, in words for the person who has to look into it. Without numbers, names or nationalities."""

from collections.abc import Mapping
from types import MappingProxyType

# (code of the check, reason) -> what was found; what it is good to ask
_WORDS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("PARTY.MINOR_ACCOMPANIED", "alone"): (
            "The traveller is a minor and nobody travels along. Ask who expects the child, and who knows of the journey."
        ),
        ("PARTY.MINOR_ACCOMPANIED", "no_shared_surname"): (
            "The traveller is a minor and shares no surname with any adult of the party. Ask, apart from the adult, who the "
            "adult is, and for a parent's consent."
        ),
        ("PARTY.UNRELATED_MINORS", "one_adult_unrelated_minors"): (
            "One adult brings two or more minors whose surnames are not the adult's. Hear each child apart from the adult, "
            "and look for the people they belong to."
        ),
        ("PROTECT.CHANGING_MINORS", "other_minors_each_time"): (
            "This adult has crossed with other unrelated minors before. Ask what became of them, and who sent these."
        ),
        ("PROTECT.MINOR_LEFT", "unrelated_minor_stays"): (
            "A minor who entered with this adult has not left, and is not in the party now. Ask where the child is, and "
            "whether anybody has seen the child since."
        ),
        ("PROTECT.DOCUMENTS_HELD", "one_person_holds_documents"): (
            "One person of the party holds the documents of the others. Hear each of them alone, and give the documents back."
        ),
        ("PROTECT.SHARED_BOOKING", "minor_with_strangers"): (
            "A minor stands on one booking with people of other surnames alone. Ask who booked, and who pays."
        ),
        (
            "SCREEN.FACE",
            "protect",
        ): "The face is that of somebody who is sought for protection, such as a missing child.",
        ("TRAVEL.SPEED", "too_fast"): (
            "The crossing before this one was too far away for the time since then: two people may use this document."
        ),
        (
            "TRAVEL.TWO_PLACES",
            "in_use_elsewhere",
        ): "The same document is being inspected at another post right now.",
        ("DOCUMENT.FACE", "other_face_before"): "Another face crossed with this document before.",
        ("MANIFEST.LISTED", "not_announced"): "The carrier announced nobody like this traveller.",
        (
            "MANIFEST.LISTED",
            "other_document_announced",
        ): "The carrier announced this traveller with another document.",
        ("MANIFEST.LISTED", "announced_otherwise"): "The carrier announced this document with other data.",
        ("MRZ.CHECK_DIGITS", "wrong_as_printed"): (
            "A check digit is wrong as it is printed: a character of the zone was changed, or the zone was made by hand."
        ),
        (
            "MRZ.COMPOSITE",
            "wrong_as_printed",
        ): "The check digit over the whole zone is wrong as it is printed.",
        (
            "VIZ.BIRTH_DATE",
            "different",
        ): "The printed birth date is not the one in the zone: one of the two was altered.",
        ("VIZ.NAME", "different"): "The printed name is not the one in the zone: one of the two was altered.",
        (
            "CHIP.CLONE",
            "clone",
        ): "The chip cannot prove that it is the original: it may be a copy.",
        ("CHIP.CLONE", "key_not_authentic"): (
            "The chip proves itself with a key that its State did not sign: it may be a copy."
        ),
        ("MRZ.READ", "page_not_read"): (
            "The page could not be read; name and number are those of the chip. Compare them with the page by eye."
        ),
        (
            "CHIP.ZONE",
            "page_not_read",
        ): "The page could not be read, so nothing says that chip and page agree.",
        ("PAGE.RECAPTURE", "pattern_over_page"): (
            "A fine grid lies over the whole picture, as on a photographed screen or a print. Feel the page itself."
        ),
        (
            "PAGE.FONT",
            "stretch_unlike_the_rest",
        ): "Some characters of the zone are not OCR-B. Look at the zone under a lens.",
        ("PAGE.BASELINE", "broken_line"): "Some characters stand off their line. Look for a pasted strip.",
    }
)


def explain(code: str, reason: str) -> str:
    """Return what a finding means and what to ask, "" where its own words say enough. code, reason: of the finding."""
    return _WORDS.get((code, reason), "")


def explained() -> frozenset[tuple[str, str]]:
    """Return every (code, reason) that has words."""
    return frozenset(_WORDS)
