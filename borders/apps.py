from typing import Any

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models import Exists, OuterRef, Q
from django.db.models.signals import post_migrate


class BordersConfig(AppConfig):
    name = "borders"

    def ready(self) -> None:
        from borders.services.account_checks import check_accounts
        from borders.services.proxy_checks import check_proxies

        register(check_accounts, Tags.security, deploy=True)
        register(check_proxies, Tags.security, deploy=True)
        post_migrate.connect(_grant, sender=self)
        _place_objects()


def _place_objects() -> None:
    """Tell the trail which objects lie at which posts."""
    from audit.queries.places import place_objects
    from borders.models import Crossing, Inspection, Stay
    from travelers.models import Traveler

    place_objects("inspection", lambda ports: Inspection.objects.filter(port_id__in=ports))
    place_objects("crossing", lambda ports: Crossing.objects.filter(port_id__in=ports))
    place_objects(
        "traveler",
        lambda ports: Traveler.objects.filter(
            Exists(Crossing.objects.filter(traveler_id=OuterRef("id"), port_id__in=ports))
        ),
    )
    place_objects(
        "stay", lambda ports: Stay.objects.filter(Q(entry_port_id__in=ports) | Q(exit_port_id__in=ports))
    )


def _grant(**_: Any) -> None:
    # models exist only now
    from borders.services.row_guard import grant_roles

    grant_roles()
