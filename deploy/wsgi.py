import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
django_application = get_wsgi_application()

# after Django is set up: the guard reads its settings, the addresses bring every view with them
import deploy.urls  # noqa: E402, F401
from borders.api.pressure import WsgiGuard  # noqa: E402
from borders.api.proxy import TrustedProxies  # noqa: E402

application = TrustedProxies(WsgiGuard(django_application), settings.TRUSTED_PROXIES)

# What is loaded by now stays for good. A full collection that looked through it all stopped every request of the process for
# up to half a second, about twice a minute.
gc.collect()
gc.freeze()
