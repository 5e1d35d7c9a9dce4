"""Kinds of forgery that are more than values: chips that are read and verified, and pictures of pages."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from biometrics.core.outcomes import Finding, Outcome
from tests.documents.evaluation import Tally
from tests.documents.genuine import Rng, read_facts

Tell = Callable[[str, int, int], None]
# drawing, reading and searching a page for a face takes a second, a value a millisecond
PICTURES_OF = 8


def further_kinds(rng: Rng, count: int, *, pictures: bool, progress: Tell) -> Iterator[Tally]:
    """Yield the tally of each further kind. count: documents a kind; pictures: an eighth as many, ten at least."""
    yield from _chips(count, progress)
    if pictures:
        yield from _pictures(rng, max(10, count // PICTURES_OF), progress)


# which rule speaks for a mechanism of the chip
_CODE_OF: Mapping[str, tuple[str, ...]] = {
    "signature": ("CHIP.SIGNATURE",),
    "hashes": ("CHIP.HASHES",),
    "content": ("CHIP.HASHES", "CHIP.ZONE", "CHIP.SIGNATURE"),
    "chain": ("CHIP.CHAIN",),
    "validity": ("CHIP.CHAIN",),
    "key_usage": ("CHIP.CHAIN",),
    "country": ("CHIP.COUNTRY",),
    "revocation": ("CHIP.REVOCATION",),
    "common": ("CHIP.COMMON",),
    "active_authentication": ("CHIP.CLONE",),
    "chip_authentication": ("CHIP.CLONE",),
}
_FORGED = frozenset({"INVALID", "MALFORMED", "REVOKED", "EXPIRED"})


def _chips(count: int, progress: Tell) -> Iterator[Tally]:
    """Yield forged chips of the test State: each kind once, and flips of single bytes as many as asked for."""
    from tests.documents.pki.forgeries import KINDS, Forgery
    from tests.documents.pki.state import AT, MRZ, utopia
    from travelers.core.checks import check_document
    from travelers.core.chip.facts import chip_facts

    page = read_facts(MRZ, {}, at=AT, accept_specimens=True)

    def examine_chip(forgery: Forgery) -> tuple[tuple[Finding, ...], float]:
        begun = time.perf_counter()
        found = check_document(replace(page, chip=chip_facts(forgery.verify())), at=forgery.at)
        return found, (time.perf_counter() - begun) * 1e3

    rng = np.random.default_rng(count)
    state = utopia()
    for name, forge in (("byte of a data group changed", _flip_group), ("byte of EF.SOD changed", _flip_sod)):
        tally = Tally(
            name, "chip", ("CHIP.HASHES", "CHIP.SIGNATURE", "CHIP.CHAIN", "CHIP.ZONE", "CHIP.COUNTRY")
        )
        for _ in range(count):
            findings, elapsed_ms = examine_chip(Forgery(forge(rng, state.files()), state.store(), AT))
            tally.add(findings, elapsed_ms)
            # a changed name of the authority leads to none that is trusted: not forged, and not passed either
            is_passed = all(f.outcome is Outcome.PASS for f in findings if f.code in tally.expected)
            is_failed = any(f.outcome is Outcome.FAIL for f in findings if f.code in tally.expected)
            tally.detected += not is_passed and not is_failed
        yield tally
    for number, kind in enumerate(KINDS):
        progress(kind.name, number, len(KINDS))
        codes = _CODE_OF.get(kind.mechanism, ())
        if not codes or kind.result == "VALID":
            continue
        is_forged = kind.result in _FORGED and not kind.code.endswith(("_UNKNOWN", "_UNSUPPORTED"))
        tally = Tally(f"chip: {kind.name}", "chip" if is_forged else "chip that proves nothing", codes)
        findings, elapsed_ms = examine_chip(kind.make())
        tally.add(findings, elapsed_ms)
        if not is_forged:  # nothing may be called genuine: what is asked for is a person
            open_codes = {f.code for f in findings if f.outcome is not Outcome.PASS}
            tally.detected = int(bool(open_codes & set(codes)))
        yield tally


def _flip_group(rng: Rng, files: Any) -> Any:
    number = int(rng.choice(sorted(files.groups)))
    content = bytearray(files.groups[number])
    content[int(rng.integers(len(content)))] ^= int(rng.integers(1, 256))
    return replace(files, groups={**files.groups, number: bytes(content)})


def _flip_sod(rng: Rng, files: Any) -> Any:
    content = bytearray(files.sod)
    content[int(rng.integers(len(content)))] ^= int(rng.integers(1, 256))
    return replace(files, sod=bytes(content))


def _pictures(rng: Rng, count: int, progress: Tell) -> Iterator[Tally]:
    from tests.documents.pictures import PICTURE_KINDS, genuine_picture

    kinds = (("genuine page", "", genuine_picture), *PICTURE_KINDS)
    for number, (name, codes, forge) in enumerate(kinds):
        progress(name, number, len(kinds))
        tally = Tally(name, "pixels", tuple(codes.split()))
        for made in range(count * (4 if not codes else 1)):
            picture = forge(np.random.default_rng([int(rng.integers(2**31)), number, made]))
            findings, elapsed_ms = look_at(picture.image_bgr)
            tally.add(findings, elapsed_ms)
            if not codes:  # a genuine page: whatever fails is a false alarm, heavy or not
                failed = [f.code for f in findings if f.outcome is Outcome.FAIL]
                tally.detected += bool(failed)
                tally.codes.update(failed)
        yield tally


def look_at(image_bgr: Any) -> tuple[tuple[Finding, ...], float]:
    """Return the page checks of one picture, and the milliseconds that they themselves took."""
    from biometrics.core.faces import FaceRule, extract_template
    from biometrics.services.faces import engine_in_use
    from biometrics.services.mrz import read_page
    from biometrics.services.page_checks import check_page

    read = read_page(image_bgr=image_bgr)
    face = extract_template(engine_in_use(), image_bgr, rule=FaceRule.LARGEST).choice.face
    begun = time.perf_counter()
    findings = check_page(
        image_bgr=image_bgr,
        lines=read.lines_read,
        corners=read.corners or (),
        face_xyxy=face.box_xyxy if face is not None else None,
        settings={},
    )
    return findings, (time.perf_counter() - begun) * 1e3
