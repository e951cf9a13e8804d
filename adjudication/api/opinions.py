"""A professional's own second opinions over the API."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ReadOnlyModelViewSet

from adjudication.forms.opinions import REASONS_MAX_CHARACTERS
from adjudication.rules.facts import Confidence
from adjudication.selectors.accounts import account_in
from adjudication.selectors.addenda import addendum_as_data, addendum_for_doctors
from adjudication.selectors.opinions import own_opinions, state_of_opinion
from adjudication.services.opinions import LONGEST_TEXT, give_opinion, open_file, recuse_opinion
from jury.models import Opinion, OpinionRequest
from jury.recusals import OFFERED
from jury.rules.verdicts import ANSWERS
from members.access import allow, is_professional
from members.models import User


class OpinionSerializer(serializers.ModelSerializer[Opinion]):
    """The questions to one professional, and their answers."""

    claim = serializers.CharField(source="request.case_ref", read_only=True)
    round = serializers.IntegerField(source="request.round", read_only=True)
    due_at = serializers.DateTimeField(source="request.due_at", read_only=True)
    questions = serializers.ListField(source="request.questions", child=serializers.DictField(), read_only=True)
    state = serializers.SerializerMethodField()
    facts = serializers.DictField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = Opinion
        fields = [
            "id",
            "claim",
            "round",
            "state",
            "assigned_at",
            "due_at",
            "questions",
            "answers",
            "conclusion",
            "reasons",
            "facts",
            "confidence",
            "missing",
            "literature",
            "given_at",
        ]
        read_only_fields = fields

    def get_state(self, opinion: Opinion) -> str:
        """`todo`, `done`, or `closed`: over without an answer."""
        return state_of_opinion(opinion)


class OpinionDetailSerializer(OpinionSerializer):
    """One opinion with the masked file, without anything that the jury said."""

    case_file = serializers.SerializerMethodField()
    account = serializers.SerializerMethodField()
    addendum = serializers.SerializerMethodField()

    class Meta(OpinionSerializer.Meta):
        fields = [*OpinionSerializer.Meta.fields, "case_file", "account", "addendum"]
        read_only_fields = fields

    @extend_schema_field(serializers.DictField(allow_null=True))
    def get_case_file(self, opinion: Opinion) -> dict[str, Any] | None:
        """The masked file while the request is open, otherwise null."""
        return opinion.request.case_file if opinion.request.status == OpinionRequest.Status.OPEN else None

    def get_addendum(self, opinion: Opinion) -> dict[str, Any] | None:
        """What was added to the jury's file while it voted, with when; null where nothing was."""
        is_open = opinion.request.status == OpinionRequest.Status.OPEN
        return addendum_as_data(addendum_for_doctors(opinion.request) if is_open else None)

    def get_account(self, opinion: Opinion) -> str:
        """The applicant's own account without names, which the file holds by its digest; empty where there is none."""
        return account_in(opinion.request.case_file) if opinion.request.status == OpinionRequest.Status.OPEN else ""


class GivenOpinionSerializer(serializers.Serializer[Any]):
    """The answer to every question by its code, the reasons, and the facts found by name (see `facts` of a claim)."""

    answers = serializers.DictField(child=serializers.ChoiceField(choices=sorted(ANSWERS)))
    reasons = serializers.CharField(max_length=REASONS_MAX_CHARACTERS)
    facts = serializers.DictField(child=serializers.CharField(max_length=20), default=dict)
    confidence = serializers.ChoiceField(choices=Confidence.choices, allow_blank=True, default="")
    missing = serializers.CharField(max_length=LONGEST_TEXT, allow_blank=True, default="")
    literature = serializers.CharField(max_length=LONGEST_TEXT, allow_blank=True, default="")


class StepDownSerializer(serializers.Serializer[Any]):
    """Why a professional steps down."""

    reason = serializers.ChoiceField(choices=[reason.value for reason in OFFERED])


class OpinionViewSet(ReadOnlyModelViewSet[Opinion]):
    """The second opinions that the user was asked for."""

    serializer_class = OpinionSerializer
    permission_classes = [allow(is_professional)]
    queryset = Opinion.objects.none()

    def get_queryset(self) -> QuerySet[Opinion]:
        return own_opinions(self.request.user)

    @extend_schema(responses=OpinionDetailSerializer)
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One opinion with its file. Opening the file is recorded."""
        opinion = self.get_object()
        if opinion.request.status == OpinionRequest.Status.OPEN:
            assert isinstance(request.user, User)
            open_file(opinion_id=opinion.pk, by=request.user)
        return Response(OpinionDetailSerializer(opinion).data)

    @extend_schema(request=GivenOpinionSerializer, responses=OpinionSerializer)
    @action(detail=True, methods=["post"])
    def give(self, request: Request, pk: str) -> Response:
        """Give the opinion, once."""
        opinion = self.get_object()
        given = GivenOpinionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        assert isinstance(request.user, User)
        give_opinion(opinion_id=opinion.pk, **given.validated_data, by=request.user)
        return Response(OpinionSerializer(self.get_object()).data)

    @extend_schema(request=StepDownSerializer, responses=OpinionSerializer)
    @action(detail=True, methods=["post"])
    def recuse(self, request: Request, pk: str) -> Response:
        """Step down before giving it; another doctor is asked, where one is free."""
        opinion = self.get_object()
        given = StepDownSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        assert isinstance(request.user, User)
        recuse_opinion(opinion_id=opinion.pk, reason=given.validated_data["reason"], by=request.user)
        return Response(OpinionSerializer(self.get_object()).data)


router = SimpleRouter()
router.register("opinions", OpinionViewSet, basename="api-opinion")
urlpatterns = router.urls
