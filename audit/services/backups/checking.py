"""Check a backup without putting it back: every file of the cluster, every image, and the log from there on."""

import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from audit.core.wal import SEGMENT_NAME, missing_segments
from audit.services.backups.making import CHUNK, read_image_list, sha256_of
from audit.services.backups.programs import ProgramFailed, run_program

WAL_END = 24


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong. code: manifest_missing, database_damaged, image_missing, image_damaged, image_list_damaged, wal_missing,
    wal_damaged. name: of the file or segment; of the database what pg_verifybackup said.
    """

    code: str
    name: str

    def __str__(self) -> str:
        return f"{self.code}: {self.name}"


def check_backup(folder: Path, *, images: bool = True) -> Iterator[Problem]:
    """Yield what is wrong with a backup. images=False leaves their contents out, not their presence."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text())
    except (OSError, ValueError):
        yield Problem("manifest_missing", folder.name)
        return
    yield from _check_database(folder, manifest)
    yield from _check_images(folder, manifest, contents=images)
    yield from check_archive(manifest["next_segment"])


def _check_database(folder: Path, manifest: dict) -> Iterator[Problem]:
    try:
        if sha256_of(folder / "base" / "backup_manifest") != manifest["base_manifest_sha256"]:
            yield Problem("database_damaged", "backup_manifest")
        run_program("pg_verifybackup", ["--quiet", str(folder / "base")])
    except FileNotFoundError:
        yield Problem("database_damaged", "backup_manifest")
    except ProgramFailed as error:
        for line in error.said.splitlines()[:20]:
            yield Problem("database_damaged", line.removeprefix("pg_verifybackup: error: "))


def _check_images(folder: Path, manifest: dict, *, contents: bool) -> Iterator[Problem]:
    try:
        whole = sha256_of(folder / "images.txt") == manifest["image_list_sha256"]
        listed = read_image_list(folder)
    except (OSError, ValueError):
        whole, listed = False, {}
    if not whole:
        yield Problem("image_list_damaged", "images.txt")
    for name, (digest, size) in listed.items():
        path = folder / "images" / name
        try:
            damaged = path.stat().st_size != size or (contents and sha256_of(path) != digest)
        except FileNotFoundError:
            yield Problem("image_missing", name)
            continue
        if damaged:
            yield Problem("image_damaged", name)


def check_archive(first: str) -> Iterator[Problem]:
    """Yield what is wrong with the archived log from a segment on. The archive of others (no folder here) is theirs to check."""
    archive = settings.WAL_ARCHIVE_DIR
    if not archive.is_dir():
        return
    names = {n.removesuffix(".gz") for n in os.listdir(archive) if n.endswith(".gz")}
    # the first one may still be the one that the server writes: it is missing only if a later one is there
    for name in missing_segments(names, first):
        yield Problem("wal_missing", name)
    for name in sorted(names):
        if (
            SEGMENT_NAME.fullmatch(name[:WAL_END])
            and name[8:WAL_END] >= first[8:]
            and not _is_readable(archive / f"{name}.gz")
        ):
            yield Problem("wal_damaged", name)


def _is_readable(path: Path) -> bool:
    """Tell whether a compressed segment is whole: its own check sum says so, and nothing follows."""
    reader = zlib.decompressobj(wbits=31)
    try:
        with path.open("rb") as file:
            while chunk := file.read(CHUNK):
                reader.decompress(chunk)
    except zlib.error:
        return False
    return reader.eof and not reader.unused_data
