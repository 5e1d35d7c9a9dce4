"""Pick drawn faces that both engines tell apart: python -m biometrics.training.draw_faces.pick DRAWN OUT
NETWORKS

DRAWN: the folder of draw.mjs. OUT: receives person_NN/portrait.jpg, live_1.jpg ... and manifest.json.
NETWORKS: the network folder. An identity is kept if its portrait is unlike every other portrait and capture,
and its captures are like the portrait and one another, by the bars below, under both engines. The same input
gives the same pictures.
"""

import argparse
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from biometrics.core.faces import Array, FaceEngine, FaceRule, locate_face
from biometrics.core.images import decode_image, encode_jpeg
from biometrics.core.quality import assess
from biometrics.services.engines import ENGINE_NAMES, load_engine
from biometrics.training.draw_faces.captures import (
    DRAWING,
    PORTRAIT,
    draw_conditions,
    shade,
    take,
    warp_identity,
)

TRIES = 8  # captures drawn for each identity while picking
TRIES_AGAIN = 60  # and when the identities are known
LIVES = 2
SCORE_FLOOR = {"sface": 0.62, "dlib": 0.55}  # mated: at least so alike; dlib's score is 1 - distance
# non-mated, at most so alike: portrait and portrait, portrait and capture (1:1), capture and capture (as in 1:N)
PORTRAIT_CEILING = {"sface": 0.36, "dlib": 0.50}
PAIR_CEILING = {"sface": 0.40, "dlib": 0.515}
CAPTURE_CEILING = {"sface": 0.45, "dlib": 0.54}
EXCHANGES = 60_000
POOL = 400


@dataclass(frozen=True, eq=False)
class Picture:
    """One encoded picture with its vector under every engine."""

    content: bytes
    vectors: dict[str, Array]


def score_all(name: str, a: Array, b: Array) -> Array:
    """Return float32 (len(a), len(b)) scores of two sets of vectors of one engine."""
    if name == "sface":
        return a @ b.T
    squared = (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * a @ b.T
    return 1 - np.sqrt(np.maximum(squared, 0))


def make_picture(image_bgr: Array, quality: int, engines: dict[str, FaceEngine]) -> Picture | None:
    """Return the picture as it will be read back, or None if not exactly one face of good quality is found in it."""
    content = encode_jpeg(image_bgr, quality)
    image = decode_image(content)
    vectors = {}
    for name, engine in engines.items():
        faces, choice = locate_face(engine, image, rule=FaceRule.CENTRAL)
        if choice.face is None or len(faces) != 1 or assess(image, faces).defects:
            return None
        vectors[name] = engine.embed(image, choice.face)
    return Picture(content, vectors)


def find_strangers(alike: Array, wanted: int) -> list[int]:
    """Return up to `wanted` indices no two of which are alike. alike: bool (n, n), symmetric, diagonal False.

    Searches by exchange: add whoever is unlike all that are chosen; when nobody is, let somebody who is like exactly one of
    them take that one's place, and go on.
    """
    generator = np.random.default_rng(0)
    chosen = np.zeros(len(alike), bool)
    likeness = np.zeros(len(alike), np.int64)  # to how many of the chosen each is alike
    rested = np.zeros(len(alike), np.int64)  # who was just replaced may not come back at once
    best: list[int] = []
    for step in range(EXCHANGES):
        for bar in (0, 1, 2):
            candidates = np.flatnonzero(~chosen & (likeness == bar) & ((rested <= step) | (bar == 0)))
            if candidates.size:
                break
        else:
            break
        index = int(generator.choice(candidates))
        for replaced in np.flatnonzero(chosen & alike[index]):
            chosen[replaced] = False
            likeness -= alike[replaced]
            rested[replaced] = step + int(generator.integers(5, 30))
        chosen[index] = True
        likeness += alike[index]
        if chosen.sum() > len(best):
            best = [int(i) for i in np.flatnonzero(chosen)]
        if len(best) >= wanted:
            break
    return best


def draw_lives(
    drawing: Array, portrait: Picture, seed: int, engines: dict[str, FaceEngine], tries: int = TRIES
) -> list[Picture]:
    """Return the captures that are clearly of the portrait's person, those most like the portrait first."""
    generator = np.random.default_rng([seed, 1])
    kept: list[tuple[float, int, Picture]] = []
    for attempt in range(tries):
        capture = draw_conditions(generator)
        picture = make_picture(take(drawing, capture, generator), 82, engines)
        if picture is None:
            continue
        room = min(
            float(score_all(name, picture.vectors[name][None], portrait.vectors[name][None])[0, 0]) - floor
            for name, floor in SCORE_FLOOR.items()
        )
        if room >= 0:
            kept.append((-room, attempt, picture))
    return [picture for _, _, picture in sorted(kept, key=lambda item: item[:2])]


def prepare(path: Path, seed: int) -> Array:
    """Return the drawing of an identity, warped and shaded."""
    drawing = cv2.resize(cv2.imread(str(path), cv2.IMREAD_UNCHANGED), DRAWING, interpolation=cv2.INTER_AREA)
    return shade(warp_identity(drawing, np.random.default_rng([seed, 0])))


def make_portraits(paths: dict[int, Path], engines: dict[str, FaceEngine]) -> dict[int, Picture]:
    """Return the portraits in which exactly one face of good quality is found, by the number of their drawing."""
    portraits: dict[int, Picture] = {}
    for seed, path in paths.items():
        image = take(prepare(path, seed), PORTRAIT, np.random.default_rng(seed))
        picture = make_picture(image, 88, engines)
        if picture is not None:
            portraits[seed] = picture
    print(f"{len(paths)} drawings, {len(portraits)} portraits with one face of good quality", flush=True)
    return portraits


def find_alike(sets: list[list[Picture]], engines: dict[str, FaceEngine]) -> Array:
    """Return bool (n, n): whether any picture of one identity is more like any of another than it may be."""
    alike = np.zeros((len(sets), len(sets)), bool)
    for name in engines:
        everything = np.stack([picture.vectors[name] for pictures in sets for picture in pictures])
        scores = score_all(name, everything, everything).reshape(len(sets), len(sets[0]), len(sets), -1)
        alike |= scores[:, 0, :, 0] > PORTRAIT_CEILING[name]
        if len(sets[0]) > 1:
            alike |= scores[:, 0, :, 1:].max(axis=2) > PAIR_CEILING[name]
            alike |= scores[:, 1:, :, 0].max(axis=1) > PAIR_CEILING[name]
            alike |= scores[:, 1:, :, 1:].max(axis=(1, 3)) > CAPTURE_CEILING[name]
    np.fill_diagonal(alike, False)
    return alike


def add_lives(
    paths: list[Path], portraits: dict[int, Picture], engines: dict[str, FaceEngine]
) -> dict[int, list[Picture]]:
    """Return the pictures of identities with captures, portrait first, by the number of their drawing."""
    seeds = list(portraits)
    crowd = find_alike([[portraits[seed]] for seed in seeds], engines).sum(axis=1)
    # captures are dear to make, so only for the portraits that are like the fewest others
    sets: dict[int, list[Picture]] = {}
    for index in np.argsort(crowd, kind="stable")[:POOL]:
        seed = seeds[int(index)]
        lives = draw_lives(prepare(paths[seed], seed), portraits[seed], seed, engines)
        if len(lives) >= LIVES:
            sets[seed] = [portraits[seed], *lives[:LIVES]]
    return sets


def pick(
    sets: dict[int, list[Picture]], engines: dict[str, FaceEngine], *, wanted: int
) -> dict[int, list[Picture]]:
    """Return those identities that are all strangers to one another."""
    pool = list(sets)
    chosen = find_strangers(find_alike([sets[seed] for seed in pool], engines), wanted)
    print(f"{len(pool)} identities with captures, {len(chosen)} of them strangers to one another", flush=True)
    return {pool[index]: sets[pool[index]] for index in chosen}


def photograph_again(
    paths: list[Path], seeds: list[int], engines: dict[str, FaceEngine]
) -> dict[int, list[Picture]]:
    """Return new pictures of known identities, captures chosen so that they stay strangers to the others.

    Raises LookupError if an identity is left without a portrait or without enough captures.
    """
    portraits = make_portraits({seed: paths[seed] for seed in seeds}, engines)
    found: dict[int, list[Picture]] = {seed: [portraits[seed]] for seed in seeds}
    for seed in seeds:
        for live in draw_lives(prepare(paths[seed], seed), portraits[seed], seed, engines, TRIES_AGAIN):
            others = [picture for other in seeds if other != seed for picture in found[other]]
            heads = [portraits[other] for other in seeds if other != seed]
            if all(
                like(name, live, heads) <= PAIR_CEILING[name]
                and like(name, live, others) <= CAPTURE_CEILING[name]
                for name in engines
            ):
                found[seed].append(live)
            if len(found[seed]) > LIVES:
                break
        if len(found[seed]) <= LIVES:
            raise LookupError(f"drawing {seed} has too few captures")
    return found


def like(name: str, picture: Picture, others: list[Picture]) -> float:
    """Return the highest score of one picture against others under one engine."""
    gallery = np.stack([other.vectors[name] for other in others])
    return float(score_all(name, picture.vectors[name][None], gallery).max())


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description="Pick drawn faces that both engines tell apart.")
    parser.add_argument("drawn", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("networks", type=Path)
    parser.add_argument("--identities", type=int, default=24)
    parser.add_argument(
        "--again", type=Path, help="a manifest.json: new pictures of its identities, nobody new"
    )
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    engines = {name: load_engine(name, network_dir=arguments.networks) for name in ENGINE_NAMES}
    paths = sorted(arguments.drawn.glob("face_*.png"))
    if arguments.again:
        seeds = [person["drawing"] for person in json.loads(arguments.again.read_text())]
        write(photograph_again(paths, seeds, engines), arguments.out)
        return
    portraits = make_portraits(dict(enumerate(paths)), engines)
    found = pick(add_lives(paths, portraits, engines), engines, wanted=arguments.identities)
    write(found, arguments.out)


def write(found: dict[int, list[Picture]], out: Path) -> None:
    """Write the pictures and the manifest."""
    manifest = []
    for number, (seed, pictures) in enumerate(sorted(found.items()), start=1):
        folder = out / f"person_{number:02d}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        names = ["portrait.jpg", *(f"live_{index}.jpg" for index in range(1, len(pictures)))]
        for name, picture in zip(names, pictures, strict=True):
            (folder / name).write_bytes(picture.content)
        manifest.append(
            {
                "identity": folder.name,
                "drawing": seed,
                "portrait": f"{folder.name}/portrait.jpg",
                "lives": [f"{folder.name}/{name}" for name in names[1:]],
            }
        )
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n")
    print(f"{len(manifest)} identities written")


if __name__ == "__main__":
    main()
