"""Face templates from the bytes of one JPEG, beside stock face_recognition, and verifications by two processes.

    python -m tests.bench faces [--repeats 15] [--seconds 8] [--image FILE]

The picture is a drawn face of the demo at 640 x 480. All in one run, one thread, in turn, so that a busy machine slows all
alike: compare the ratios. Nothing here passes or fails: it prints.
"""

import argparse
import importlib
import io
import multiprocessing
import os
import platform
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnxruntime
from PIL import Image
from rich.console import Console
from rich.progress import track
from rich.table import Table

from biometrics.core.faces import FaceEngine, FaceRule, extract_template, locate_face, score
from biometrics.core.images import decode_image
from biometrics.networks.build import ensure
from biometrics.services.engines import ENGINE_NAMES, load_engine

ROOT = Path(__file__).resolve().parents[2]
NETWORKS = ROOT / ".cache" / "networks"
PICTURE = ROOT / "borders/demo/faces/person_01/live_1.jpg"
SIZE = (640, 480)
WARM_UP = 2

console = Console()


def make_jpeg(path: Path) -> bytes:
    """Return the picture as JPEG of 640 x 480, the face in its middle."""
    image = Image.open(path).convert("RGB")
    image.thumbnail(SIZE)
    canvas = Image.new("RGB", SIZE, (128, 128, 128))
    canvas.paste(image, ((SIZE[0] - image.width) // 2, (SIZE[1] - image.height) // 2))
    content = io.BytesIO()
    canvas.save(content, "JPEG", quality=88)
    return content.getvalue()


def from_bytes(engine: FaceEngine, content: bytes) -> None:
    """Make a template of a JPEG's bytes."""
    if extract_template(engine, decode_image(content), rule=FaceRule.CENTRAL).vector is None:
        raise LookupError("no face in the picture of the bench")


def stock_encoder() -> Callable[[bytes], None]:
    """Return face_recognition's own way from bytes to a vector, with its defaults."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        face_recognition = importlib.import_module("face_recognition")

    def encode(content: bytes) -> None:
        image = face_recognition.load_image_file(io.BytesIO(content))
        if not face_recognition.face_encodings(image):
            raise LookupError("face_recognition finds no face in the picture of the bench")

    return encode


def time_in_turn(steps: dict[str, Callable[[], object]], repeats: int) -> dict[str, tuple[float, float]]:
    """Return median milliseconds by step: processor time of this thread, and wall."""
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in steps}
    for number in track(range(repeats + WARM_UP), "faces", console=console, transient=True):
        for name, step in steps.items():
            wall, cpu = time.perf_counter(), time.thread_time()
            step()
            if number >= WARM_UP:
                spent[name].append(((time.thread_time() - cpu) * 1e3, (time.perf_counter() - wall) * 1e3))
    return {name: tuple(np.median(values, axis=0).tolist()) for name, values in spent.items()}


def show_templates(content: bytes, repeats: int) -> None:
    """Print milliseconds from bytes to template, all engines in turn."""
    engines = {name: load_engine(name, network_dir=NETWORKS) for name in ENGINE_NAMES}
    stock = stock_encoder()
    found = time_in_turn(
        {"face_recognition.face_encodings": lambda: stock(content)}
        | {name: (lambda engine=engine: from_bytes(engine, content)) for name, engine in engines.items()},
        repeats,
    )
    table = Table("640 x 480 JPEG bytes to vector", "cpu ms", "wall ms", "times as fast (cpu)", "(wall)")
    base = found["face_recognition.face_encodings"]
    for name, (cpu, wall) in found.items():
        table.add_row(name, f"{cpu:.1f}", f"{wall:.1f}", f"{base[0] / cpu:.1f}", f"{base[1] / wall:.1f}")
    console.print(table)
    show_steps(engines, content, repeats)


def show_steps(engines: dict[str, FaceEngine], content: bytes, repeats: int) -> None:
    """Print milliseconds by step."""
    table = Table("step", *engines)
    columns = []
    for engine in engines.values():
        image = decode_image(content)
        (found, *_), _ = locate_face(engine, image, rule=FaceRule.CENTRAL)
        columns.append(
            time_in_turn(
                {
                    "decode": lambda: decode_image(content),
                    "detect": lambda engine=engine, image=image: engine.detect(image),
                    "look again": lambda engine=engine, image=image, face=found: engine.refine(image, face),
                    "align and embed": lambda engine=engine, image=image, face=found: engine.embed(
                        image, face
                    ),
                },
                repeats,
            )
        )
    for step in columns[0]:
        table.add_row(step, *(f"{column[step][0]:.2f}" for column in columns))
    console.print(table)


def verify_for(seconds: float, content: bytes, start: Any, done: Any) -> None:
    """Make two templates of two pictures' bytes and compare them, again and again; report how often."""
    cv2.setNumThreads(1)
    engine = load_engine("sface", network_dir=NETWORKS)
    reference = extract_template(engine, decode_image(content), rule=FaceRule.CENTRAL).vector
    start.wait()
    count, ends = 0, time.perf_counter() + seconds
    while time.perf_counter() < ends:
        probe = extract_template(engine, decode_image(content), rule=FaceRule.CENTRAL).vector
        score(engine, reference, probe)
        count += 1
    done.put(count)


def show_throughput(content: bytes, workers: int, seconds: float) -> None:
    """Print verifications a second: a live picture's bytes against a template that is there already."""
    context = multiprocessing.get_context("spawn")
    start, done = context.Barrier(workers), context.Queue()
    processes = [
        context.Process(target=verify_for, args=(seconds, content, start, done)) for _ in range(workers)
    ]
    for process in processes:
        process.start()
    total = sum(done.get() for _ in processes)
    for process in processes:
        process.join()
    console.print(
        f"{workers} processes, {seconds:g} s: {total / seconds:.1f} verifications a second "
        "(JPEG bytes to template, compared with an enrolled template)"
    )


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench faces", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--image", type=Path, default=PICTURE)
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    ensure(NETWORKS)
    content = make_jpeg(options.image)
    console.print(
        f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, OpenCV {cv2.__version__}, "
        f"onnxruntime {onnxruntime.__version__}; load {os.getloadavg()[0]:.1f}; medians of {options.repeats}; "
        f"JPEG of {len(content):,} bytes"
    )
    show_templates(content, options.repeats)
    show_throughput(content, options.workers, options.seconds)


if __name__ == "__main__":
    main()
