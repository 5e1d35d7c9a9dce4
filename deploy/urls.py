from django.contrib import admin
from django.urls import include, path
from django.views.decorators.http import require_safe

from borders.api.health import health, metrics, readiness

urlpatterns = [
    path("account/", include("borders.admin.choose_password")),
    path("admin/second-factor/", include("borders.admin.second_factor")),
    path("admin/", admin.site.urls),
    path("booth/training/", include("borders.training.urls")),
    path("booth/", include("borders.console.urls")),
    path("api/v1/", include("borders.api.urls")),
    path("healthz/", require_safe(health)),
    path("readyz/", require_safe(readiness)),
    path("metrics/", require_safe(metrics)),
]

handler500 = "borders.api.failures.server_error"
