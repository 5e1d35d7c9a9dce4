from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        # after the registry is full: services import models
        from audit.services.watching import watch_after_migration

        post_migrate.connect(watch_after_migration)
