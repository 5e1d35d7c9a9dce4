"""Data groups and EF.COM changed, taken away or put in."""

from collections.abc import Callable
from dataclasses import replace

from borders.demo.pki import der
from borders.demo.pki.chips import make_com, make_dg1, make_dg15
from tests.documents.pki.forgeries.kinds import ROGUE, Forgery, Kind, forged
from tests.documents.pki.state import (
    MRZ,
    utopia,
)


def with_groups(**changed: bytes | None) -> Callable[[], Forgery]:
    """Change group files after signing; None takes one away. Names as dg1."""

    def make() -> Forgery:
        groups = dict(utopia().groups)
        for name, data in changed.items():
            number = int(name[2:])
            groups.pop(number, None)
            if data is not None:
                groups[number] = data
        return forged(replace(utopia().files(), groups=groups))

    return make


def common(**changed: object) -> Callable[[], Forgery]:
    def make() -> Forgery:
        state = utopia()
        numbers = changed.pop("numbers", tuple(state.groups))
        return forged(replace(state.files(), com=make_com(numbers, **changed)))

    return make


GROUPS_KINDS: tuple[Kind, ...] = (
    Kind(
        "DG1 altered",
        "hashes",
        "INVALID",
        "HASH_MISMATCH",
        with_groups(dg1=make_dg1((MRZ[0], MRZ[1].replace("74", "75", 1)))),
    ),
    Kind(
        "DG1 and DG11 swapped",
        "hashes",
        "INVALID",
        "HASH_MISMATCH",
        with_groups(dg1=utopia().groups[11], dg11=utopia().groups[1]),
    ),
    Kind(
        "DG1 and DG11 swapped, by tag",
        "content",
        "MALFORMED",
        "GROUP_TAG",
        with_groups(dg1=utopia().groups[11], dg11=utopia().groups[1]),
    ),
    Kind(
        "DG1 with trailing bytes",
        "hashes",
        "INVALID",
        "HASH_MISMATCH",
        with_groups(dg1=utopia().groups[1] + b"\x00"),
    ),
    Kind(
        "DG1 with trailing bytes, by structure",
        "content",
        "MALFORMED",
        "TRAILING_BYTES",
        with_groups(dg1=utopia().groups[1] + b"\x00"),
    ),
    Kind("DG1 empty", "content", "MALFORMED", "TRUNCATED", with_groups(dg1=b"")),
    Kind(
        "unlisted group injected",
        "hashes",
        "INVALID",
        "GROUP_NOT_LISTED",
        with_groups(dg16=der.tlv(0x70, b"\x02\x01\x00")),
    ),
    Kind(
        "DG15 replaced",
        "active_authentication",
        "INVALID",
        "KEY_NOT_AUTHENTIC",
        with_groups(dg15=make_dg15(ROGUE)),
    ),
    Kind("EF.COM lists a group less", "common", "INVALID", "GROUP_LISTS_DIFFER", common(numbers=(1, 2))),
    Kind("EF.COM of the other version", "common", "INVALID", "LDS_VERSIONS_DIFFER", common(lds="0108")),
    Kind("EF.COM of an unknown version", "common", "MALFORMED", "COM_VERSION", common(lds="0199")),
)
