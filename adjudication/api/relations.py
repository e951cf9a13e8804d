"""Declared relations over the API: declaring one, asking for its withdrawal, and the second person's answer."""

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

from adjudication.models import DeclaredRelation
from adjudication.selectors.relations import claims_open_to_declaring, relations_visible_to
from adjudication.services.relations import LONGEST_REASON, ask_withdrawal, declare_relation, settle_withdrawal
from members.access import allow, is_auditor, is_investigator, is_reviewer
from members.models import User


class RelationSerializer(serializers.ModelSerializer[DeclaredRelation]):
    """Who declared a relation on which claim, of which kind; nothing else is kept."""

    claim = serializers.CharField(source="claim.ref", read_only=True)
    user = serializers.CharField(source="user.audit_ref", read_only=True)

    class Meta:
        model = DeclaredRelation
        fields = ["id", "claim", "user", "kind", "status", "declared_at", "ended_at"]
        read_only_fields = fields


class DeclareSerializer(serializers.Serializer[Any]):
    """On which claim, and the kind."""

    claim = serializers.CharField(max_length=20)
    kind = serializers.ChoiceField(choices=DeclaredRelation.Kind.choices)


class AskSerializer(serializers.Serializer[Any]):
    """Why the relation does not hold, for the second person."""

    reason = serializers.CharField(max_length=LONGEST_REASON)


class SettleSerializer(serializers.Serializer[Any]):
    """Whether the relation is withdrawn; otherwise it is kept."""

    is_withdrawn = serializers.BooleanField()


class RelationViewSet(ReadOnlyModelViewSet[DeclaredRelation]):
    """All for reviewers and auditors, their own for investigators."""

    serializer_class = RelationSerializer
    permission_classes = [allow(is_investigator, is_reviewer, is_auditor)]
    filterset_fields = ["status", "claim__ref"]
    queryset = DeclaredRelation.objects.none()

    def get_queryset(self) -> QuerySet[DeclaredRelation]:
        return relations_visible_to(self.request.user)

    @extend_schema(request=DeclareSerializer, responses={status.HTTP_201_CREATED: RelationSerializer})
    @action(detail=False, methods=["post"], permission_classes=[allow(is_investigator, is_reviewer)])
    def declare(self, request: Request) -> Response:
        """Declare a relation on a claim that the user can see."""
        given = DeclareSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        claim = get_object_or_404(claims_open_to_declaring(request.user), ref=given.validated_data["claim"])
        relation = declare_relation(claim_ref=claim.ref, kind=given.validated_data["kind"], by=_user(request))
        return Response(RelationSerializer(relation).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=AskSerializer, responses=RelationSerializer)
    @action(detail=True, methods=["post"], permission_classes=[allow(is_investigator, is_reviewer)])
    def ask(self, request: Request, pk: str) -> Response:
        """Ask a second person to withdraw one's own relation; it counts until they agree."""
        relation = self.get_object()
        given = AskSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        ask_withdrawal(relation_id=relation.pk, reason=given.validated_data["reason"], by=_user(request))
        return Response(RelationSerializer(self.get_object()).data)

    @extend_schema(request=SettleSerializer, responses=RelationSerializer)
    @action(detail=True, methods=["post"], permission_classes=[allow(is_reviewer)])
    def settle(self, request: Request, pk: str) -> Response:
        """The second person withdraws the relation or keeps it."""
        relation = self.get_object()
        given = SettleSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        settle_withdrawal(relation_id=relation.pk, is_withdrawn=given.validated_data["is_withdrawn"], by=_user(request))
        return Response(RelationSerializer(self.get_object()).data)


def _user(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


router = SimpleRouter()
router.register("relations", RelationViewSet, basename="api-relation")
urlpatterns = router.urls
