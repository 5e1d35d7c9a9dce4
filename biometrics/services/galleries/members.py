"""Who is in a gallery: enrolled and removed by rows, which every search follows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from audit.core.actor import Actor
from audit.services import record
from biometrics.models import Gallery, GalleryMember, Template


class EnrolmentRefused(ValueError):
    """Nothing was enrolled. code: stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class NewMember:
    """A template to be enrolled for a subject. It is found from `valid_from` on and before `valid_until`; None: no limit."""

    template: Template
    subject_id: UUID
    valid_from: datetime | None = None
    valid_until: datetime | None = None


def enrol(
    *,
    actor: Actor,
    at: datetime,
    gallery: str,
    template: Template,
    subject_id: UUID,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> GalleryMember:
    """Enrol a template for a subject; enrolling it again changes nothing. Visible to every later search once committed."""
    member = NewMember(template, subject_id, valid_from, valid_until)
    return enrol_many(actor=actor, at=at, gallery=gallery, members=(member,))[0]


@transaction.atomic
def enrol_many(
    *, actor: Actor, at: datetime, gallery: str, members: Sequence[NewMember]
) -> list[GalleryMember]:
    """Enrol templates of one engine version, all or none, under one new version of the gallery, in the order given.

    What is enrolled already stays as it is. Returns the member of each. Raises EnrolmentRefused: engines_differ,
    dimensions_differ, validity_ends_before_it_begins.
    """
    if not members:
        return []
    if len({(m.template.engine, m.template.engine_version) for m in members}) != 1:
        raise EnrolmentRefused("engines_differ")
    if len({m.template.dimension for m in members}) != 1:
        raise EnrolmentRefused("dimensions_differ")
    if any(m.valid_from and m.valid_until and m.valid_until <= m.valid_from for m in members):
        raise EnrolmentRefused("validity_ends_before_it_begins")
    first = members[0].template
    row, _ = Gallery.objects.get_or_create(
        name=gallery, engine=first.engine, engine_version=first.engine_version
    )
    # the lock orders versions as they commit, so that a follower never misses one
    row = Gallery.objects.select_for_update().get(id=row.id)
    known = {
        (member.template_id, member.subject_id): member
        for member in GalleryMember.objects.filter(
            gallery=row, removed_version__isnull=True, template__in=[m.template.id for m in members]
        )
    }
    fresh: dict[tuple[UUID, UUID], GalleryMember] = {}
    for new in members:
        key = (new.template.id, new.subject_id)
        if key not in known and key not in fresh:
            fresh[key] = GalleryMember(
                gallery=row,
                template=new.template,
                subject_id=new.subject_id,
                enrolled_version=row.version + 1,
                valid_from=new.valid_from,
                valid_until=new.valid_until,
            )
    if fresh:
        row.version += 1
        row.size += len(fresh)
        row.save(update_fields=("version", "size"))
        GalleryMember.objects.bulk_create(fresh.values(), batch_size=1000)
        record(
            actor=actor,
            at=at,
            action="template.enrolled",
            object_type="gallery",
            object_id=row.id,
            detail=_enrolled_detail(list(fresh), row.version),
        )
    known |= fresh
    return [known[m.template.id, m.subject_id] for m in members]


@transaction.atomic
def remove(*, actor: Actor, at: datetime, gallery: str, subject_id: UUID) -> int:
    """Remove every template of a subject from a gallery, of every engine; return how many."""
    count = 0
    for row in Gallery.objects.select_for_update().filter(name=gallery).order_by("id"):
        members = GalleryMember.objects.filter(
            gallery=row, subject_id=subject_id, removed_version__isnull=True
        )
        removed = members.update(removed_version=row.version + 1)
        if removed:
            row.version += 1
            row.size -= removed
            row.save(update_fields=("version", "size"))
            count += removed
            record(
                actor=actor,
                at=at,
                action="template.removed",
                object_type="gallery",
                object_id=row.id,
                detail={"subject": str(subject_id), "count": removed},
            )
    return count


def _enrolled_detail(enrolled: list[tuple[UUID, UUID]], version: int) -> dict[str, object]:
    """Return the audit detail: the ids of one, or how many came with which version; the members hold the version too."""
    if len(enrolled) == 1:
        template_id, subject_id = enrolled[0]
        return {"template": str(template_id), "subject": str(subject_id)}
    return {"version": version, "count": len(enrolled)}
