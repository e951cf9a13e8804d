"""The app's configuration."""

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """What all pages share; it knows no other app."""

    name = "pages"
