"""Draws for everyone; the exam and the user's own juror numbers."""

from __future__ import annotations

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet, ViewSet

from jury.api.serializers import (
    DrawSerializer,
    ExamQuestionSerializer,
    JurorSerializer,
    QualifySerializer,
    VoteSerializer,
    VoteSummarySerializer,
)
from jury.exam import QUESTIONS
from jury.models import Panel
from jury.selectors.draws import DrawRecord, panels_drawn
from jury.selectors.jurors import jurors_of, own_memberships
from jury.selectors.votes import VoteRecord, votes_closed
from jury.services.jurors import sit_exam
from members.access import allow, is_signed_in
from pages.moments import page_now


class DrawViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Panel]):
    """Every draw that was made, public to everyone: no names, no reasons, no seats."""

    permission_classes = [AllowAny]
    serializer_class = DrawSerializer
    queryset = Panel.objects.none()
    filterset_fields = {"case_ref": ["exact"], "round": ["exact"], "plan__code": ["exact"]}

    def get_queryset(self) -> QuerySet[Panel]:
        return panels_drawn()

    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        records = [DrawRecord(panel) for panel in page or []]
        return self.get_paginated_response(DrawSerializer(records, many=True).data)

    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(DrawSerializer(DrawRecord(self.get_object())).data)


class VoteViewSet(ListModelMixin, RetrieveModelMixin, GenericViewSet[Panel]):
    """Every closed vote, public to everyone. One vote has both lists; nothing leads from one to the other."""

    permission_classes = [AllowAny]
    serializer_class = VoteSummarySerializer
    queryset = Panel.objects.none()
    filterset_fields = {"case_ref": ["exact"], "round": ["exact"], "plan__code": ["exact"]}

    def get_queryset(self) -> QuerySet[Panel]:
        return votes_closed()

    @extend_schema(responses=VoteSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        """The lists with their roots, and the closing entry opened and proven: what `verify.py` reads."""
        return Response(VoteSerializer(VoteRecord(self.get_object())).data)


class JurorViewSet(ViewSet):
    """The user's own juror numbers, and the exam that gives one."""

    permission_classes = [allow(is_signed_in)]

    @extend_schema(responses=JurorSerializer(many=True))
    @action(detail=False)
    def me(self, request: Request) -> Response:
        """The numbers of the person behind the log-in, one a plan."""
        return Response(JurorSerializer(jurors_of(request.user), many=True).data)

    @extend_schema(responses=ExamQuestionSerializer(many=True))
    @action(detail=False)
    def exam(self, request: Request) -> Response:
        return Response(ExamQuestionSerializer(QUESTIONS, many=True).data)

    @extend_schema(request=QualifySerializer, responses={201: JurorSerializer})
    @action(detail=False, methods=["post"])
    def qualify(self, request: Request) -> Response:
        """Take the exam; 409 says which condition isn't met, or how many answers aren't right yet."""
        given = QualifySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        membership = get_object_or_404(own_memberships(request.user, page_now()), pk=given.validated_data["membership"])
        juror = sit_exam(
            membership=membership,
            answers=given.validated_data["answers"],
            hospital=given.validated_data["hospital"],
            by=request.user,  # type: ignore[arg-type]
        )
        return Response(JurorSerializer(juror).data, status=status.HTTP_201_CREATED)
