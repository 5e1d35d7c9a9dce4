from django.contrib import admin
from django.urls import include, path
from django.views.decorators.http import require_safe

from borders.api.health import health

urlpatterns = [
    path("admin/second-factor/", include("borders.admin.second_factor")),
    path("admin/", admin.site.urls),
    path("booth/", include("borders.console.urls")),
    path("api/v1/", include("borders.api.urls")),
    path("healthz/", require_safe(health)),
]

handler500 = "borders.api.failures.server_error"
