from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class BordersConfig(AppConfig):
    name = "borders"

    def ready(self) -> None:
        post_migrate.connect(_grant, sender=self)


def _grant(**_: Any) -> None:
    # models exist only now
    from borders.services.row_guard import grant_reader_role

    grant_reader_role()
