"""The end of plans over the API: confirmed ends are public, proposals are for reviewers and auditors."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from allocation.services.dissolutions import confirm_dissolution, propose_dissolution, withdraw_dissolution
from members.access import allow, is_reviewer
from members.models import Dissolution
from members.selectors.dissolutions import dissolutions_visible_to
from members.selectors.plans import plans

REFUSED = OpenApiResponse(description="A rule forbids it; the answer names the thing, the rule and the next step.")


class DissolutionSerializer(serializers.ModelSerializer[Dissolution]):
    """The end of a plan: its reason, its day, and its progress. Amounts in minor units."""

    plan = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    plan_version = serializers.SlugRelatedField[Any](slug_field="label", read_only=True)

    class Meta:
        model = Dissolution
        fields = [
            "id",
            "plan",
            "plan_version",
            "status",
            "notice_on",
            "members",
            "members_needed",
            "ends_on",
            "ends_at",
            "surplus_to",
            "proposed_at",
            "confirmed_at",
            "withdrawn_at",
            "members_ended",
            "ended_at",
            "surplus_minor",
            "per_member_minor",
            "settled_at",
        ]
        read_only_fields = fields


class ProposalSerializer(serializers.Serializer[Any]):
    """Which plan is to end."""

    plan = serializers.SlugField(help_text="The plan's code.")


class DissolutionList(generics.ListAPIView[Dissolution]):
    """The ends of plans, newest first."""

    permission_classes = [AllowAny]
    serializer_class: type[BaseSerializer[Any]] = DissolutionSerializer

    def get_queryset(self) -> QuerySet[Dissolution]:
        return dissolutions_visible_to(self.request.user)


class DissolutionDetail(generics.RetrieveAPIView[Dissolution]):
    """One end of a plan."""

    permission_classes = [AllowAny]
    serializer_class: type[BaseSerializer[Any]] = DissolutionSerializer

    def get_queryset(self) -> QuerySet[Dissolution]:
        return dissolutions_visible_to(self.request.user)


class DissolutionPropose(APIView):
    """A reviewer proposes that a plan ends, because its latest notice counted too few members."""

    permission_classes = [allow(is_reviewer)]

    @extend_schema(request=ProposalSerializer, responses={201: DissolutionSerializer, 409: REFUSED})
    def post(self, request: Request) -> Response:
        asked = ProposalSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        plan = get_object_or_404(plans(), code=asked.validated_data["plan"])
        found = propose_dissolution(plan=plan, by=request.user)  # type: ignore[arg-type]
        return Response(DissolutionSerializer(found).data, status=status.HTTP_201_CREATED)


class DissolutionConfirm(APIView):
    """Another reviewer confirms the proposal; this cannot be undone."""

    permission_classes = [allow(is_reviewer)]

    @extend_schema(request=None, responses={200: DissolutionSerializer, 403: REFUSED, 409: REFUSED})
    def post(self, request: Request, pk: int) -> Response:
        get_object_or_404(dissolutions_visible_to(request.user), pk=pk)
        found = confirm_dissolution(dissolution_id=pk, by=request.user)  # type: ignore[arg-type]
        return Response(DissolutionSerializer(found).data)


class DissolutionWithdraw(APIView):
    """A reviewer withdraws a proposal; it stays on record."""

    permission_classes = [allow(is_reviewer)]

    @extend_schema(request=None, responses={200: DissolutionSerializer, 409: REFUSED})
    def post(self, request: Request, pk: int) -> Response:
        get_object_or_404(dissolutions_visible_to(request.user), pk=pk)
        found = withdraw_dissolution(dissolution_id=pk, by=request.user)  # type: ignore[arg-type]
        return Response(DissolutionSerializer(found).data)
