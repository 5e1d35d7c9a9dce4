from typing import Any

from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.models.signals import post_migrate


class BordersConfig(AppConfig):
    name = "borders"

    def ready(self) -> None:
        from borders.api.proxy import check_proxies
        from borders.services.account_checks import check_accounts

        register(check_accounts, Tags.security, deploy=True)
        register(check_proxies, Tags.security, deploy=True)
        post_migrate.connect(_grant, sender=self)


def _grant(**_: Any) -> None:
    # models exist only now
    from borders.services.row_guard import grant_roles

    grant_roles()
