from django.apps import AppConfig
from django.core.checks import register


class BiometricsConfig(AppConfig):
    name = "biometrics"

    def ready(self) -> None:
        # it reads models, which are there from now on
        from biometrics.services.custody_checks import check_custody

        register(check_custody)
