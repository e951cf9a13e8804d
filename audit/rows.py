"""The base of every model: who changes a stored row says which columns."""

from __future__ import annotations

from typing import Any

from django.db import models


class ColumnsUnnamed(TypeError):
    """A stored row was about to be saved without `update_fields`: every column, as it was read some time ago."""


class Row(models.Model):
    """A row that is stored whole once, and of which an act then changes the columns that it names.

    A bare save writes back what was read, also over what somebody else has changed since; and the service's role has
    no right to update columns that never change.
    """

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert a new row, or update the columns named in `update_fields`. Raises ColumnsUnnamed."""
        if self._state.adding or self.pk is None:
            # Also with a key that is given: Django would look for a row with that key, and update all of it.
            kwargs.setdefault("force_insert", not kwargs.get("force_update"))
        elif kwargs.get("update_fields") is None and not kwargs.get("force_insert"):
            raise ColumnsUnnamed(f"{type(self).__name__}: name the columns that change, save(update_fields=[…])")
        super().save(*args, **kwargs)
