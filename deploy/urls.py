from django.contrib import admin
from django.urls import include, path

from borders.api.health import health, metrics, readiness

urlpatterns = [
    path("admin/second-factor/", include("borders.admin.second_factor")),
    path("admin/", admin.site.urls),
    path("booth/training/", include("borders.training.urls")),
    path("booth/", include("borders.console.urls")),
    path("api/v1/", include("borders.api.urls")),
    path("healthz/", health),
    path("readyz/", readiness),
    path("metrics/", metrics),
]

handler500 = "borders.api.failures.server_error"
