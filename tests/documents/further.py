"""Kinds of forgery that are more than values: chips that are read and verified, and pictures of pages."""

from collections.abc import Callable, Iterator

from tests.documents.evaluation import Tally
from tests.documents.genuine import Rng

Tell = Callable[[str, int, int], None]


def further_kinds(rng: Rng, count: int, *, pictures: bool, progress: Tell) -> Iterator[Tally]:
    """Yield the tally of each further kind. count: documents a kind."""
    yield from ()
