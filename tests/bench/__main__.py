"""`make bench`: print what this machine does."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "deploy.settings")
django.setup()

from tests.bench.journey import main  # noqa: E402  (the demo's modules need the settings)

main()
