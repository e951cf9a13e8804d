"""Drafts of plan versions over the API: the same services as the pages; auditors read."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from members.access import allow, is_auditor, is_reviewer
from members.models import PlanDraft, PlanVersion, User
from members.selectors.plan_drafts import drafts_visible_to, reading_of
from members.selectors.plans import all_versions
from members.services.plan_drafts import (
    LONGEST_REMARK,
    propose_draft,
    publish_draft,
    save_draft,
    send_back_draft,
    start_draft,
    withdraw_draft,
)


class PlanDraftSerializer(serializers.ModelSerializer[PlanDraft]):
    """A draft, without its text. `created_by` and the others are references, as in the audit log."""

    based_on = serializers.CharField(source="based_on.label", read_only=True, allow_null=True, default=None)
    version = serializers.CharField(source="version.label", read_only=True, allow_null=True, default=None)
    created_by = serializers.CharField(source="created_by.audit_ref", read_only=True)
    proposed_by = serializers.CharField(source="proposed_by.audit_ref", read_only=True, allow_null=True, default=None)
    confirmed_by = serializers.CharField(source="confirmed_by.audit_ref", read_only=True, allow_null=True, default=None)

    class Meta:
        model = PlanDraft
        fields = [
            "id",
            "plan_code",
            "status",
            "revision",
            "based_on",
            "version",
            "remark",
            "created_by",
            "created_at",
            "saved_at",
            "proposed_by",
            "proposed_at",
            "confirmed_by",
            "confirmed_at",
        ]
        read_only_fields = fields


class ProblemSerializer(serializers.Serializer[Any]):
    """One thing that is wrong with the text: where, and what is allowed there."""

    line = serializers.IntegerField(allow_null=True)
    key = serializers.CharField()
    problem = serializers.CharField()
    allowed = serializers.CharField()


class PlanDifferenceSerializer(serializers.Serializer[Any]):
    """One thing that changes, as a line of words in both languages."""

    path = serializers.CharField()
    kind = serializers.CharField()
    en = serializers.CharField(source="sentence.en")
    zh = serializers.CharField(source="sentence.zh")


class PlanDraftDetailSerializer(PlanDraftSerializer):
    """A draft with its text, all that is wrong with it, and what it changes."""

    problems = serializers.SerializerMethodField()
    compared_with = serializers.SerializerMethodField()
    differences = serializers.SerializerMethodField()

    class Meta(PlanDraftSerializer.Meta):
        fields = [*PlanDraftSerializer.Meta.fields, "source", "problems", "compared_with", "differences"]
        read_only_fields = fields

    def to_representation(self, instance: PlanDraft) -> dict[str, Any]:
        """Read the text once for all fields that depend on it."""
        self._reading = reading_of(instance)
        shown: dict[str, Any] = super().to_representation(instance)
        return shown

    @extend_schema_field(ProblemSerializer(many=True))
    def get_problems(self, draft: PlanDraft) -> Any:
        """Everything that is wrong."""
        return ProblemSerializer(self._reading.problems, many=True).data

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_compared_with(self, draft: PlanDraft) -> str | None:
        """The version that the differences are relative to."""
        version = self._reading.compared_with
        return version.label if version else None

    @extend_schema_field(PlanDifferenceSerializer(many=True))
    def get_differences(self, draft: PlanDraft) -> Any:
        """What changes."""
        return PlanDifferenceSerializer(list(self._reading.differences), many=True).data


class StartDraftSerializer(serializers.Serializer[Any]):
    """A draft begins from a published version (its id), or from a text."""

    based_on = serializers.IntegerField(required=False, min_value=1)
    source = serializers.CharField(required=False, trim_whitespace=False)  # type: ignore[assignment]


class RevisionSerializer(serializers.Serializer[Any]):
    """The revision that was read: another text saved in between refuses the act."""

    revision = serializers.IntegerField(min_value=1)


class SaveDraftSerializer(RevisionSerializer):
    """A text, right or wrong."""

    source = serializers.CharField(trim_whitespace=False)  # type: ignore[assignment]


class RemarkSerializer(serializers.Serializer[Any]):
    """What should change."""

    remark = serializers.CharField(max_length=LONGEST_REMARK)


class PlanDraftViewSet(ReadOnlyModelViewSet[PlanDraft]):
    """Drafts of plan versions: reviewers write, propose and publish; auditors read."""

    permission_classes: list[type[BasePermission]] = [allow(is_reviewer, is_auditor)]
    serializer_class: type[PlanDraftSerializer] = PlanDraftSerializer
    queryset = PlanDraft.objects.none()
    filterset_fields = ["plan_code", "status"]

    def get_queryset(self) -> QuerySet[PlanDraft]:
        return drafts_visible_to(self.request.user)

    def get_serializer_class(self) -> type[PlanDraftSerializer]:
        """The text comes with one draft, not with the list."""
        return PlanDraftSerializer if self.action == "list" else PlanDraftDetailSerializer

    def get_permissions(self) -> Any:
        reads = self.request.method in {"GET", "HEAD", "OPTIONS"}
        return super().get_permissions() if reads else [allow(is_reviewer)()]

    @extend_schema(request=StartDraftSerializer, responses={201: PlanDraftDetailSerializer})
    def create(self, request: Request) -> Response:
        """Begin a draft."""
        given = _given(StartDraftSerializer, request)
        based_on: PlanVersion | None = None
        if "based_on" in given:
            based_on = get_object_or_404(all_versions(), pk=given["based_on"])
        draft = start_draft(based_on=based_on, source=given.get("source"), by=_user(request))
        return self._answer(draft.pk, status.HTTP_201_CREATED)

    @extend_schema(request=SaveDraftSerializer, responses=PlanDraftDetailSerializer)
    @action(detail=True, methods=["post"])
    def save(self, request: Request, pk: str) -> Response:
        """Keep a text, right or wrong; the answer says what is wrong with it."""
        given = _given(SaveDraftSerializer, request)
        save_draft(draft_id=self.get_object().pk, source=given["source"], revision=given["revision"], by=_user(request))
        return self._answer(pk)

    @extend_schema(request=RevisionSerializer, responses=PlanDraftDetailSerializer)
    @action(detail=True, methods=["post"])
    def propose(self, request: Request, pk: str) -> Response:
        """Propose the text for publication by another reviewer."""
        given = _given(RevisionSerializer, request)
        propose_draft(draft_id=self.get_object().pk, revision=given["revision"], by=_user(request))
        return self._answer(pk)

    @extend_schema(request=RemarkSerializer, responses=PlanDraftDetailSerializer)
    @action(detail=True, methods=["post"], url_path="send-back")
    def send_back(self, request: Request, pk: str) -> Response:
        """Send a proposed text back to be changed."""
        given = _given(RemarkSerializer, request)
        send_back_draft(draft_id=self.get_object().pk, remark=given["remark"], by=_user(request))
        return self._answer(pk)

    @extend_schema(request=RevisionSerializer, responses=PlanDraftDetailSerializer)
    @action(detail=True, methods=["post"])
    def publish(self, request: Request, pk: str) -> Response:
        """Confirm what another reviewer proposed: the version is published."""
        given = _given(RevisionSerializer, request)
        publish_draft(draft_id=self.get_object().pk, revision=given["revision"], by=_user(request))
        return self._answer(pk)

    @extend_schema(request=None, responses=PlanDraftDetailSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Withdraw the draft."""
        withdraw_draft(draft_id=self.get_object().pk, by=_user(request))
        return self._answer(pk)

    def _answer(self, pk: int | str, code: int = status.HTTP_200_OK) -> Response:
        """The draft as it is now."""
        draft = get_object_or_404(self.get_queryset(), pk=pk)
        return Response(PlanDraftDetailSerializer(draft, context={}).data, status=code)


def _given(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = kind(data=request.data)
    given.is_valid(raise_exception=True)
    found: dict[str, Any] = given.validated_data
    return found


def _user(request: Request) -> User:
    assert isinstance(request.user, User)  # the role was asked before
    return request.user
