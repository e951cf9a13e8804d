"""What the API shows about draws and jurors, and what it accepts for the exam."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from audit.selectors import ProvenEntry
from jury.models import Juror, Panel
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


class VoteSummarySerializer(serializers.ModelSerializer[Panel]):
    """A closed vote without its lists."""

    plan = serializers.CharField(source="plan.code", read_only=True)

    class Meta:
        model = Panel
        fields = [
            "id",
            "plan",
            "case_ref",
            "round",
            "closed_at",
            "seats_wanted",
            "quorum",
            "support_count",
            "against_count",
            "medical_flag_count",
            "verdict",
        ]
        read_only_fields = fields


class VoteOpeningSerializer(serializers.Serializer[Any]):
    """A counted ballot. `commitment` is the SHA-256 over what it says, `receipt` its first 80 bits."""

    receipt = serializers.CharField()
    commitment = serializers.CharField()
    choice = serializers.CharField()
    reason_codes = serializers.ListField(child=serializers.CharField())
    is_medical = serializers.BooleanField()
    salt = serializers.CharField()
    words_digest = serializers.CharField()


class VoteFaultSerializer(serializers.Serializer[Any]):
    """Something that the close found wrong; `no_entry` and `unreadable` set a ballot aside."""

    kind = serializers.CharField()
    token = serializers.CharField(allow_blank=True)
    sequence = serializers.IntegerField(allow_null=True)
    ballot_digest = serializers.CharField(allow_blank=True)
    receipt = serializers.CharField(allow_blank=True)


class ClosingEntrySerializer(serializers.Serializer[Any]):
    """The log's entry of the close, opened: SHA-256(salt ‖ text) of both texts makes its leaf; with its proof."""

    head_text = serializers.CharField(source="head.text")
    head_salt = serializers.SerializerMethodField()
    body_text = serializers.CharField(source="body.text")
    body_salt = serializers.SerializerMethodField()
    leaf_index = serializers.IntegerField(allow_null=True)
    proof = serializers.CharField(source="text", allow_blank=True, help_text="C2SP tlog-proof; empty while unsigned.")

    def get_head_salt(self, entry: ProvenEntry) -> str:
        """In hexadecimal."""
        return entry.head.salt.hex()

    def get_body_salt(self, entry: ProvenEntry) -> str:
        """In hexadecimal."""
        return entry.body.salt.hex()


class VoteSerializer(serializers.Serializer[Any]):
    """A closed vote: the seats that voted by token, the ballots that counted by receipt, and the entry of the close."""

    id = serializers.IntegerField(source="panel.pk")
    plan = serializers.CharField(source="panel.plan.code")
    case_ref = serializers.CharField(source="panel.case_ref")
    round = serializers.IntegerField(source="panel.round")
    panel = serializers.CharField(source="name", help_text="What the commitments are bound to.")
    closed_at = serializers.DateTimeField(source="panel.closed_at")
    seats = serializers.IntegerField(source="panel.seats_wanted")
    quorum = serializers.IntegerField(source="panel.quorum")
    support = serializers.IntegerField(source="panel.support_count")
    against = serializers.IntegerField(source="panel.against_count")
    medical_flags = serializers.IntegerField(source="panel.medical_flag_count")
    verdict = serializers.CharField(source="panel.verdict")
    disputed_seats = serializers.IntegerField(source="disputed")
    tokens = serializers.ListField(child=serializers.CharField())
    openings = VoteOpeningSerializer(source="opening_lines", many=True)
    faults = VoteFaultSerializer(source="fault_lines", many=True)
    closing_entry = ClosingEntrySerializer(source="closing", allow_null=True)


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
