"""Where faces may still be traced: members, indexes of every backend. For the proof that somebody is erased."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import connection
from psycopg import sql

from biometrics.models import Gallery, GalleryMember
from biometrics.services.galleries.milvus import connect
from biometrics.services.galleries.pgvector import SCHEMA


def members_left(*, template_ids: Sequence[UUID], subject_ids: Sequence[UUID]) -> int:
    """Return how many members of galleries still stand for these templates or subjects."""
    members = GalleryMember.objects.filter(removed_version__isnull=True)
    return (members.filter(template_id__in=template_ids) | members.filter(subject_id__in=subject_ids)).count()


def in_shared_indexes(*, template_ids: Sequence[UUID]) -> dict[str, int]:
    """Return how many vectors of these templates each shared index still holds, by backend; only backends in use are asked."""
    members = GalleryMember.objects.filter(template_id__in=template_ids)
    found: dict[str, int] = {}
    for gallery in Gallery.objects.filter(indexes__isnull=False).distinct():
        ids = list(members.filter(gallery=gallery).values_list("id", flat=True))
        for backend in gallery.indexes.values_list("backend", flat=True):
            if ids:
                count = (
                    _in_table(gallery.id, ids) if backend == "pgvector" else _in_collection(gallery.id, ids)
                )
                found[backend] = found.get(backend, 0) + count
    return found


def index_files() -> list[Path]:
    """Return the files of galleries on this host."""
    folder = Path(settings.GALLERY_DIR)
    return sorted(p for p in folder.glob("*") if p.is_file()) if folder.is_dir() else []


def _in_table(gallery_id: UUID, members: list[UUID]) -> int:
    name = f"{SCHEMA}.gallery_vectors_{gallery_id.hex}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [name])
        if cursor.fetchone()[0] is None:
            return 0
        cursor.execute(
            sql.SQL("SELECT count(*) FROM {} WHERE member_id = ANY(%s)").format(
                sql.Identifier(*name.split("."))
            ),
            [members],
        )
        return int(cursor.fetchone()[0])


def _in_collection(gallery_id: UUID, members: list[UUID]) -> int:
    client, name = connect(), f"gallery_{gallery_id.hex}"
    if not client.has_collection(name):
        return 0
    return len(client.get(name, ids=[str(member) for member in members], output_fields=["member"]))
