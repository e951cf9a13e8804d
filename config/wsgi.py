"""The WSGI entry point for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
# Before the settings are read: what answers requests waits for nothing as long as a worker may (config/timeouts.py).
os.environ.setdefault("ASSIZE_PROCESS", "web")
application = get_wsgi_application()
