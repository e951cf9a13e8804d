"""Read-only lists of the admin screens."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from audit.models import Entry


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """A list to look at: what is in it changes through the services only."""

    actions = None
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody."""
        return False


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    """The log."""

    list_display = ["id", "recorded_at", "kind", "stream", "actor"]
    fields = ["id", "recorded_at", "kind", "stream", "actor", "body"]
    list_filter = ["recorded_at"]
    ordering = ["-pk"]
