"""One process on a gallery, told what to do line by line: writer, searcher, or a sealer that is killed again and again."""

import os
import random
import signal
import sys
import time
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
django.setup()

import numpy as np  # noqa: E402 - Django's settings come first
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from audit.core.actor import system_actor  # noqa: E402
from audit.models import new_id  # noqa: E402
from biometrics.core.faces import Metric  # noqa: E402
from biometrics.models import CapturedImage, Gallery, Template  # noqa: E402
from biometrics.services.galleries import NewMember, enrol_many, remove, seal_gallery, search_gallery  # noqa: E402

NAME = "crossings"
ACTOR = system_actor("test")
BATCH = 10
PAUSE_S = 0.2


def vector_of(number: int) -> np.ndarray:
    vector = np.random.default_rng(number).standard_normal(128).astype(np.float32)
    return vector / np.linalg.norm(vector)


def make_template(number: int) -> Template:
    image = CapturedImage.objects.create(
        kind="FACE", key=f"test/{new_id().hex}", sha256="0" * 64, media_type="image/jpeg",
        byte_count=1, width=1, height=1, captured_at=timezone.now(),
    )  # fmt: skip
    return Template.objects.create(
        image=image, engine="sface", engine_version="1", vector=vector_of(number).tobytes(), dimension=128,
        face_count=1, box=[0, 0, 1, 1], created_at=timezone.now(),
    )  # fmt: skip


def subject_of(number: int) -> UUID:
    return UUID(int=(1 << 100) + number)


def write() -> None:
    """enrol N: enrols the faces N .. N + BATCH - 1. remove N: removes face N. Answers when it is committed."""
    for line in sys.stdin:
        verb, number = line.split()
        first = int(number)
        if verb == "enrol":
            members = [NewMember(make_template(n), subject_of(n)) for n in range(first, first + BATCH)]
            enrol_many(actor=ACTOR, at=timezone.now(), gallery=NAME, members=members)
        else:
            remove(actor=ACTOR, at=timezone.now(), gallery=NAME, subject_id=subject_of(first))
        print("done", flush=True)


def search() -> None:
    """N: answers whether face N is found, and in how many milliseconds."""
    for line in sys.stdin:
        begun = time.perf_counter()
        gallery = Gallery.objects.get(name=NAME)
        found = search_gallery(
            gallery=gallery, metric=Metric.COSINE, probe=vector_of(int(line)), limit=3, at=timezone.now()
        )
        there = any(c.subject_id == subject_of(int(line)) and c.score > 0.99 for c in found.candidates)
        print("found" if there else "absent", round((time.perf_counter() - begun) * 1e3), flush=True)


def seal_and_die() -> None:
    """Seal in a child that is killed after a random moment, over and over, until the input ends. Answers how it went."""
    random.seed(4)
    killed = finished = 0
    print("ready", flush=True)
    os.set_blocking(0, False)
    while sys.stdin.buffer.read(1) is None:
        gallery = Gallery.objects.filter(name=NAME).first()
        connection.close()  # the child gets one of its own
        time.sleep(PAUSE_S)
        child = os.fork()
        if child == 0:
            if gallery is not None:
                seal_gallery(gallery=gallery, metric=Metric.COSINE)
            os._exit(0)
        time.sleep(random.uniform(0, 0.08))
        os.kill(child, signal.SIGKILL)
        if os.waitpid(child, 0)[1] == 0:
            finished += 1
        else:
            killed += 1
    print(killed, finished, flush=True)


if __name__ == "__main__":
    {"write": write, "search": search, "seal": seal_and_die}[sys.argv[1]]()
