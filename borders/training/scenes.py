"""The drawn travellers that a trainee can call up: those of the story whose answer the traveller alone decides."""

import functools
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from borders.demo.images import face_image, page_image
from borders.demo.story import Scene, tell_story

# no group, no history and no chip: at a training post there is nobody else, and nobody came before
KEYS = (
    "anna-in",
    "expired",
    "bjorn-in",
    "wrong-digit",
    "mother-in",
    "borrowed",
    "altered-birth",
    "stolen",
    "third-minor",
    "first-identity-in",
)
LISTED = frozenset({"stolen"})
# what of a scene's findings shows without the lists, the record and the party
SHOWN_ALONE: Mapping[str, frozenset[str]] = MappingProxyType(
    {"third-minor": frozenset({"PARTY.MINOR_ACCOMPANIED"})}
)


@functools.lru_cache(maxsize=2)
def scenes_of(today: date) -> Mapping[str, Scene]:
    """Return the scenes by their key, in the order in which they are offered."""
    told = {scene.key: scene for scene in tell_story(today)}
    return {key: told[key] for key in KEYS}


def codes_of(scene: Scene) -> frozenset[str]:
    """Return the findings that speak for the right answer."""
    return SHOWN_ALONE.get(scene.key, scene.expected.codes)


@functools.lru_cache(maxsize=2 * len(KEYS))
def picture_of(key: str, kind: str, today: date) -> bytes | None:
    """Return a drawn page or face as a JPEG file; None where there is none."""
    scene = scenes_of(today)[key]
    return page_image(scene) if kind == "page" else face_image(scene)
