"""Questions about identities over the API: reviewers and auditors read them, and reviewers settle."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from members.access import allow, is_auditor, is_reviewer
from members.models import IdentityQuestion, User
from members.selectors.identity import identity_questions_visible_to
from members.services.identity import CONFIRMED, LONGEST_REASON, REFUTED, SHORTEST_REASON, settle_identity


class IdentityQuestionSerializer(serializers.ModelSerializer[IdentityQuestion]):
    """What speaks against somebody's identity number; never the number. `row` is that of the imported file."""

    class Meta:
        model = IdentityQuestion
        fields = ["id", "person", "status", "doubts", "row", "asked_at", "settled_at"]
        read_only_fields = fields


class SettleIdentitySerializer(serializers.Serializer[Any]):
    """Whether the identity is confirmed, and what was seen, which is stored encrypted."""

    answer = serializers.ChoiceField(choices=[CONFIRMED, REFUTED])
    reason = serializers.CharField(min_length=SHORTEST_REASON, max_length=LONGEST_REASON)


class IdentityQuestionViewSet(ReadOnlyModelViewSet[IdentityQuestion]):
    """The questions, newest first."""

    serializer_class = IdentityQuestionSerializer
    permission_classes = [allow(is_reviewer, is_auditor)]
    filterset_fields = ["status"]
    queryset = IdentityQuestion.objects.none()

    def get_queryset(self) -> QuerySet[IdentityQuestion]:
        return identity_questions_visible_to(self.request.user)

    @extend_schema(request=SettleIdentitySerializer, responses=IdentityQuestionSerializer)
    @action(detail=True, methods=["post"], permission_classes=[allow(is_reviewer)])
    def settle(self, request: Request, pk: str) -> Response:
        """Confirm the identity, or find it not shown."""
        question = self.get_object()
        given = SettleIdentitySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        assert isinstance(request.user, User)
        settle_identity(question_id=question.pk, **given.validated_data, by=request.user)
        return Response(IdentityQuestionSerializer(self.get_object()).data)
