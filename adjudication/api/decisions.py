"""Decisions over the API: reviewers and auditors read all and reviewers issue; everyone else reads their own."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ReadOnlyModelViewSet

from adjudication.models import Decision
from adjudication.selectors.board import decisions_visible_to
from adjudication.selectors.claims import claims_visible_to
from adjudication.services.decisions import issue_decision
from members.access import allow, is_reviewer, is_signed_in
from members.models import User


class IssuedDecisionSerializer(serializers.ModelSerializer[Decision]):
    """A decision as issued: never changed. Amounts in minor units."""

    claim = serializers.CharField(source="claim.ref", read_only=True)
    plan_version = serializers.CharField(source="plan_version.label", read_only=True)

    class Meta:
        model = Decision
        fields = [
            "id",
            "claim",
            "sequence",
            "outcome",
            "amount_minor",
            "reason_codes",
            "basis",
            "plan_version",
            "decided_at",
        ]
        read_only_fields = fields


class IssueSerializer(serializers.Serializer[Any]):
    """Which claim, and reasons beyond those found. The table determines the outcome, the rules the amount."""

    claim = serializers.CharField(max_length=20)
    reason_codes = serializers.ListField(child=serializers.CharField(max_length=40), max_length=40, default=list)


class DecisionViewSet(ReadOnlyModelViewSet[Decision]):
    """The decisions that the user may read."""

    serializer_class = IssuedDecisionSerializer
    permission_classes = [allow(is_signed_in)]
    filterset_fields = ["outcome", "claim__ref"]
    queryset = Decision.objects.none()

    def get_queryset(self) -> QuerySet[Decision]:
        """All for reviewers and auditors, otherwise those on the user's own claims."""
        return decisions_visible_to(self.request.user)

    @extend_schema(request=IssueSerializer, responses={status.HTTP_201_CREATED: IssuedDecisionSerializer})
    @action(detail=False, methods=["post"], permission_classes=[allow(is_reviewer)])
    def issue(self, request: Request) -> Response:
        """Issue the decision of the table; 409 when the claim is decided already or nothing can be decided yet."""
        given = IssueSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        claim = get_object_or_404(claims_visible_to(request.user), ref=given.validated_data["claim"])
        assert isinstance(request.user, User)
        decision = issue_decision(
            claim_ref=claim.ref, reason_codes=given.validated_data["reason_codes"], by=request.user
        )
        return Response(IssuedDecisionSerializer(decision).data, status=status.HTTP_201_CREATED)


router = SimpleRouter()
router.register("decisions", DecisionViewSet, basename="api-decision")
urlpatterns = router.urls
