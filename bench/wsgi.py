"""The product under gunicorn with the bench's addresses."""

from __future__ import annotations

import os

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()
settings.ROOT_URLCONF = "bench.urls"

from config.wsgi import application  # noqa: E402 - it reads the addresses

__all__ = ["application"]
