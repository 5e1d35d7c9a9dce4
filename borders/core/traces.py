"""Look for traces of a person in octets: what to look for, and a search through streams of any length."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

SHORTEST_TEXT = 5
SHORTEST_OCTETS = 32


@dataclass(frozen=True, slots=True)
class Traces:
    """What tells that somebody is still there. Kept in memory only, gathered before the erasure.

    texts: groups of values that a row holds together; alone where a value is one person's (document number, MRZ line).
    octets: vectors, beginnings of images, wrapped keys.
    """

    texts: tuple[tuple[str, ...], ...] = ()
    octets: tuple[bytes, ...] = ()

    def __repr__(self) -> str:
        return f"Traces({len(self.texts)} texts, {len(self.octets)} octets)"

    @property
    def single_texts(self) -> tuple[str, ...]:
        """The values that are one person's by themselves."""
        return tuple(group[0] for group in self.texts if len(group) == 1)


def make_traces(groups: Iterable[Iterable[str]], octets: Iterable[bytes]) -> Traces:
    """Return traces without those that are too short to tell one person from another."""
    texts = {tuple(dict.fromkeys(v for v in group if v)) for group in groups}
    kept = {g for g in texts if g and (len(g) > 1 or len(g[0].strip("<")) >= SHORTEST_TEXT)}
    return Traces(tuple(sorted(kept)), tuple(sorted({o for o in octets if len(o) >= SHORTEST_OCTETS})))


def find_in_stream(pieces: Iterable[bytes], needles: tuple[bytes, ...]) -> set[int]:
    """Return which needles a stream holds, by their place in `needles`; a needle may lie across two pieces."""
    longest = max((len(n) for n in needles), default=0)
    found: set[int] = set()
    tail = b""
    for piece in pieces:
        window = tail + piece
        for place, needle in enumerate(needles):
            if place not in found and needle in window:
                found.add(place)
        tail = window[-(longest - 1) :] if longest > 1 else b""
        if len(found) == len(needles):
            break
    return found


def as_pieces(content: bytes, size: int = 1 << 20) -> Iterator[bytes]:
    """Yield content in pieces."""
    for start in range(0, len(content), size):
        yield content[start : start + size]
