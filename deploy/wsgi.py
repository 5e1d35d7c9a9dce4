import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
django_application = get_wsgi_application()

# after Django is set up: the guard reads its settings
from borders.api.pressure import WsgiGuard  # noqa: E402

application = WsgiGuard(django_application)
