"""One gallery, many processes: what one enrols or removes every other sees at once, whoever is killed in the middle."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from biometrics.core.gallery.sealed import SealedDamaged
from biometrics.services.galleries.sealed_file import SealedFile
from deploy.launcher.configuration import CHECKOUT
from deploy.launcher.postgres import PostgresServer
from tests.flows.gallery_process import BATCH

ROUNDS = 8
CUT_OFF_AFTER = 3
TORN_FROM = 10_000  # face numbers of the second test


class Process:
    """A process of tests/flows/gallery_process.py that answers line by line."""

    def __init__(self, role: str, environment: dict[str, str]) -> None:
        self.role, self.environment = role, environment
        self.start()

    def start(self) -> None:
        self.running = subprocess.Popen(
            [sys.executable, "-m", "tests.flows.gallery_process", self.role],
            cwd=CHECKOUT, env=self.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ask(self, line: str) -> str:
        self.tell(line)
        return self.hear()

    def tell(self, line: str) -> None:
        assert self.running.stdin is not None
        self.running.stdin.write(f"{line}\n")
        self.running.stdin.flush()

    def hear(self) -> str:
        assert self.running.stdout is not None
        return self.running.stdout.readline().strip()

    def kill(self) -> None:
        self.running.kill()
        self.close()

    def close(self) -> None:
        self.running.communicate(timeout=60)


@pytest.fixture(scope="module")
def environment() -> Iterator[dict[str, str]]:
    with tempfile.TemporaryDirectory(prefix="bmis-galleries-") as name:
        server_folder = Path(name)
        server_folder.chmod(0o755)  # the unprivileged account of the server passes through it
        server = PostgresServer(server_folder, server_folder / "postgres.log")
        server.start()
        environment = os.environ | {
            "DATABASE_URL": server.url,
            "BMIS_DATA_DIR": str(server_folder),
            "GALLERY_DIR": str(server_folder / "galleries"),
            "GALLERY_SEAL_ROWS": "40",  # seal often: here it is the sealing that is to be disturbed
        }
        try:
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
                cwd=CHECKOUT, env=environment, check=True,
            )  # fmt: skip
            yield environment
        finally:
            server.stop()


def test_every_process_sees_every_change_although_writers_and_sealers_are_killed(
    environment: dict[str, str],
) -> None:
    writer = Process("write", environment)
    searchers = [Process("search", environment) for _ in range(2)]
    sealer = Process("seal", environment)
    try:
        assert sealer.hear() == "ready"
        enrolled: set[int] = set()
        removed: set[int] = set()
        for turn in range(ROUNDS):
            first = turn * BATCH
            assert writer.ask(f"enrol {first}") == "done"
            enrolled |= set(range(first, first + BATCH))
            assert {searcher.ask(str(first)).split()[0] for searcher in searchers} == {"found"}
            assert writer.ask(f"remove {first + 1}") == "done"
            removed.add(first + 1)
            assert {searcher.ask(str(first + 1)).split()[0] for searcher in searchers} == {"absent"}
            if turn == CUT_OFF_AFTER:  # a batch that is cut off: all of it is there, or none
                writer.tell(f"enrol {(ROUNDS + turn) * BATCH}")
                time.sleep(0.02)
                writer.kill()
                writer.start()
                cut = range((ROUNDS + turn) * BATCH, (ROUNDS + turn + 1) * BATCH)
                assert len({searchers[0].ask(str(number)).split()[0] for number in cut}) == 1
            if turn == ROUNDS // 2:
                searchers[1].kill()
                searchers[1].start()
        sealer.tell("")
        killed, finished = (int(value) for value in sealer.hear().split())
        assert killed >= 1
        for number in sorted(enrolled):
            expected = "absent" if number in removed else "found"
            assert {searcher.ask(str(number)).split()[0] for searcher in searchers} == {expected}, number
        files = list(Path(environment["GALLERY_DIR"]).glob("*.sealed"))
        assert len(files) == 1, f"{killed} sealers were killed and {finished} came through"
        assert SealedFile(files[0]).layout.count > 0
    finally:
        for process in (writer, *searchers, sealer):
            process.kill()


def test_torn_file_is_made_anew_from_the_rows(environment: dict[str, str]) -> None:
    writer = Process("write", environment)
    searcher = Process("search", environment)
    try:
        for first in range(TORN_FROM, TORN_FROM + 6 * BATCH, BATCH):
            assert writer.ask(f"enrol {first}") == "done"
        assert searcher.ask(str(TORN_FROM + 7)).split()[0] == "found"
        (path,) = Path(environment["GALLERY_DIR"]).glob("*.sealed")
        whole = path.read_bytes()
        searcher.kill()
        path.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(SealedDamaged):
            SealedFile(path)
        searcher.start()
        assert {
            searcher.ask(str(number)).split()[0] for number in range(TORN_FROM, TORN_FROM + 6 * BATCH)
        } == {"found"}
        assert SealedFile(path).layout.count >= 6 * BATCH
    finally:
        writer.kill()
        searcher.kill()
