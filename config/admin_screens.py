"""The admin's screens are for reading, the libraries' own too: every change is a service's act, with its entry."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.contrib.admin import AdminSite
from django.contrib.auth.models import Group

from audit.admin import ReadOnlyAdmin

WITHOUT_SCREEN = (Group, Authenticator)
"""Permissions come from roles, not from groups; a second factor's row holds its secret."""


def hold_to_reading(site: AdminSite) -> None:
    """Remove what could change permissions, second factors or addresses without an entry in the log."""
    for model, screen in list(site._registry.items()):
        if isinstance(screen, ReadOnlyAdmin):
            continue
        site.unregister(model)
        if model not in WITHOUT_SCREEN:
            site.register(model, type(f"ReadOnly{type(screen).__name__}", (ReadOnlyAdmin, type(screen)), {}))
