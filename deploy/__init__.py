"""How the system is run. Importing the package makes the Celery application known to every process, the web server too."""

from deploy.celery import app as celery_app

__all__ = ["celery_app"]
