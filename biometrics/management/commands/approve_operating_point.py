"""Put a proposed operating point in force, as the second person."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand
from django.utils import timezone

from audit.core.actor import Actor
from biometrics.management.face_runs import refuse, write_json
from biometrics.services.operating_points import OperatingPointRefused, approve_operating_point


class Command(BaseCommand):
    help = "Put a proposed operating point in force: another person than the one who proposed it. Exits 2 when refused."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("point", metavar="ID", help="as calibrate_operating_point gave it")
        parser.add_argument("--approver", metavar="USERNAME", required=True)

    def handle(self, *args: Any, point: str, approver: str, **options: Any) -> None:
        user = get_user_model().objects.filter(username=approver, is_active=True).first()
        if user is None:
            refuse(self.stdout, "approver_unknown")
        try:
            point_id = UUID(point)
        except ValueError:
            refuse(self.stdout, "not_an_id")
        actor = Actor(label=user.get_username(), user_id=user.pk, purpose="calibration")
        try:
            row = approve_operating_point(actor=actor, at=timezone.now(), operating_point_id=point_id)
        except OperatingPointRefused as error:
            refuse(self.stdout, error.code)
        write_json(
            self.stdout,
            {
                "id": str(row.id),
                "purpose": row.purpose,
                "threshold": row.threshold,
                "version": row.version,
                "state": row.state,
            },
        )
