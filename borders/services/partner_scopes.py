"""Which scopes a client may ask a token for: those of its profile in force, and no others."""

from typing import Any

from django.utils import timezone
from oauth2_provider.scopes import BaseScopes

from audit.core.sharing import Scope
from borders.queries import profile_in_force


class PartnerScopes(BaseScopes):
    """django-oauth-toolkit asks here (OAUTH2_PROVIDER["SCOPES_BACKEND_CLASS"])."""

    def get_all_scopes(self) -> dict[str, str]:
        return {scope.value: scope.value for scope in Scope}

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        profile = profile_in_force(application=application, at=timezone.now()) if application else None
        return list(profile.scopes) if profile is not None else []

    def get_default_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> Any:
        return self.get_available_scopes(application=application, request=request)
