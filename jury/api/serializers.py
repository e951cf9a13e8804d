"""What the API shows about draws and jurors, and what it accepts for the exam."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from jury.models import Juror
from members.models import Plan


class TextSerializer(serializers.Serializer[Any]):
    """One text in both languages."""

    en = serializers.CharField()
    zh = serializers.CharField()


class RecordedStepSerializer(serializers.Serializer[Any]):
    """One number of the walk: seated, or skipped with a salted commitment to the reason."""

    position = serializers.IntegerField()
    number = serializers.IntegerField()
    is_seated = serializers.BooleanField()
    reason_commitment = serializers.CharField(allow_blank=True)


class DrawSerializer(serializers.Serializer[Any]):
    """A draw with everything that is needed to repeat it. `key` is the whole entropy for `manage.py draw`."""

    id = serializers.IntegerField(source="panel.pk")
    plan = serializers.CharField(source="panel.plan.code")
    case_ref = serializers.CharField(source="panel.case_ref")
    round = serializers.IntegerField(source="panel.round")
    commitment = serializers.CharField(help_text="The exact text whose SHA-256 is `commitment_digest`.")
    commitment_digest = serializers.CharField(source="panel.commitment_digest")
    committed_at = serializers.DateTimeField(source="panel.committed_at")
    checkpoint_size = serializers.IntegerField(
        allow_null=True, help_text="The log's checkpoint that covered the commitment before the word and the draw."
    )
    checkpoint_root = serializers.CharField(allow_blank=True, help_text="The root that it signs, in hexadecimal.")
    entropy = serializers.CharField(source="panel.entropy")
    key = serializers.CharField()
    is_bias_proof = serializers.BooleanField()
    drawn_at = serializers.DateTimeField()
    pool_high = serializers.IntegerField(source="panel.pool_high")
    seats = serializers.IntegerField(source="panel.seats_wanted")
    steps = RecordedStepSerializer(many=True)


class JurorSerializer(serializers.ModelSerializer[Juror]):
    plan = serializers.SlugRelatedField[Plan](slug_field="code", read_only=True)

    class Meta:
        model = Juror
        fields = ["plan", "number", "qualified_at", "lapsed_at"]
        read_only_fields = fields


class ExamAnswerSerializer(serializers.Serializer[Any]):
    """One of the answers offered."""

    code = serializers.CharField()
    text = TextSerializer()


class ExamQuestionSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = TextSerializer()
    answers = ExamAnswerSerializer(many=True)


class QualifySerializer(serializers.Serializer[Any]):
    """The exam as filled in: for which membership, and question code to answer code."""

    membership = serializers.IntegerField(min_value=1)
    answers = serializers.DictField(child=serializers.CharField())
    hospital = serializers.CharField(required=False, allow_blank=True, max_length=200, default="")
