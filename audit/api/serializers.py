"""What the API shows of an entry."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from audit.models import Entry
from audit.services.exports import FORMS


class EntrySerializer(serializers.ModelSerializer[Entry]):
    """One act. Only its proof carries the salts of its digests: with them the contents of a digest could be guessed."""

    class Meta:
        model = Entry
        fields = ["id", "kind", "stream", "actor", "body", "recorded_at"]
        read_only_fields = fields


class ExportSerializer(serializers.Serializer[object]):
    """The search, as in the list; a field that is left out does not filter."""

    format = serializers.ChoiceField(choices=FORMS)
    stream = serializers.CharField(required=False, max_length=120, default="", help_text="Or a claim's reference")
    kind = serializers.CharField(required=False, max_length=80, default="", help_text="Or the first part of a kind")
    actor = serializers.CharField(required=False, max_length=80, default="")
    since = serializers.DateTimeField(required=False, default=None)
    until = serializers.DateTimeField(required=False, default=None)


@extend_schema_field(OpenApiTypes.STR)
class HexField(serializers.Field[bytes, str, str, object]):
    """Bytes as hex digits."""

    def to_representation(self, value: bytes) -> str:
        return bytes(value).hex()


class DigestSerializer(serializers.Serializer[object]):
    """One digest of a leaf: SHA-256(salt, then the text in UTF-8)."""

    salt = HexField()
    text = serializers.CharField()
    value = HexField()


class StepSerializer(serializers.Serializer[object]):
    """One step from the leaf's hash to the root: SHA-256(0x01, left, right)."""

    sibling = HexField()
    is_left = serializers.BooleanField(help_text="Whether the sibling stands on the left")
    found = HexField()


class EntryProofSerializer(serializers.Serializer[object]):
    """The proof of one entry in the latest checkpoint, with all that is needed to recompute it. Bytes are hex."""

    leaf_index = serializers.IntegerField()
    tree_size = serializers.IntegerField(source="proof.size")
    head = DigestSerializer()
    body = DigestSerializer()
    leaf_data = HexField(help_text="The head's digest, then the body's")
    leaf_hash = HexField(help_text="SHA-256(0x00, leaf data)")
    steps = StepSerializer(many=True)
    root = HexField(source="proof.root")  # type: ignore[assignment]
    checkpoint = serializers.CharField(source="note", help_text="C2SP signed note, with its cosignatures")
    text = serializers.CharField(help_text="C2SP tlog-proof")
    verifies = serializers.BooleanField(help_text="Recomputed for this answer")
