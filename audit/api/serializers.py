"""What the API shows of an entry."""

from __future__ import annotations

from rest_framework import serializers

from audit.models import Entry


class EntrySerializer(serializers.ModelSerializer[Entry]):
    """One act. The salts of its digests stay inside: with them a digest could be guessed at."""

    class Meta:
        model = Entry
        fields = ["id", "kind", "stream", "actor", "body", "recorded_at"]
        read_only_fields = fields
