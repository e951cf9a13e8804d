"""Investigations over the API: the worklist, taking, the duties, signing."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import GenericViewSet

from adjudication.api.facts import FactSerializer
from adjudication.models import DutyRecord, Investigation
from adjudication.models.investigations import InvestigationStatus
from adjudication.rules.duties import DETAILS
from adjudication.rules.facts import FACT_WORDS, Confidence, Standing
from adjudication.selectors.accounts import proposed_account
from adjudication.selectors.findings import fact_rows
from adjudication.selectors.investigations import (
    Due,
    due_state,
    duties_of,
    investigations_named_to,
    investigations_visible_to,
)
from adjudication.services.claim_checks import LONGEST_ACCOUNT
from adjudication.services.duties import record_duty_with_facts
from adjudication.services.findings import LONGEST_JURY_NOTE, LONGEST_NOTE, record_finding
from adjudication.services.investigations import (
    LONGEST_SUMMARY,
    LONGEST_TEXT,
    sign_report,
    take_investigation,
)
from adjudication.services.viewings import view_claim
from members.access import allow, is_auditor, is_investigator, is_reviewer
from members.models import User
from pages.moments import page_now


class InvestigationSerializer(serializers.ModelSerializer[Investigation]):
    """An investigation on the worklist: no person, no finding."""

    claim = serializers.CharField(source="claim.ref", read_only=True)
    icd10 = serializers.CharField(source="claim.icd10", read_only=True)
    duties_done = serializers.IntegerField(read_only=True)
    due_state = serializers.SerializerMethodField()

    class Meta:
        model = Investigation
        fields = [
            "id",
            "claim",
            "icd10",
            "round",
            "status",
            "opened_at",
            "taken_at",
            "due_at",
            "due_state",
            "duties_done",
            "signed_at",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=Due.choices))
    def get_due_state(self, investigation: Investigation) -> str:
        return due_state(investigation, page_now()).value


class DutySerializer(serializers.ModelSerializer[DutyRecord]):
    """One duty with what it found."""

    findings = serializers.CharField(read_only=True)
    details = serializers.DictField(child=serializers.CharField(), read_only=True)
    files = serializers.IntegerField(read_only=True)

    class Meta:
        model = DutyRecord
        fields = ["id", "kind", "result", "findings", "details", "jury_summary", "done_on", "recorded_at", "files"]
        read_only_fields = fields


class ProposedAccountSerializer(serializers.Serializer[Any]):
    """What the applicant wrote for the jury, and what is proposed that jurors read of it."""

    text = serializers.CharField(source="account.text")
    proposed = serializers.CharField(source="masked")
    written_at = serializers.DateTimeField(source="account.written_at")


class InvestigationDetailSerializer(InvestigationSerializer):
    """The user's own investigation in full."""

    duties = serializers.SerializerMethodField()
    account = serializers.SerializerMethodField()
    report = serializers.CharField(read_only=True)
    jury_account = serializers.CharField(read_only=True)

    class Meta(InvestigationSerializer.Meta):
        fields = [
            *InvestigationSerializer.Meta.fields,
            "reason",
            "duties",
            "account",
            "jury_account",
            "recommendation",
            "reason_codes",
            "report",
            "jury_summary",
            "manifest",
            "manifest_digest",
        ]
        read_only_fields = fields

    @extend_schema_field(ProposedAccountSerializer(allow_null=True))
    def get_account(self, investigation: Investigation) -> dict[str, Any] | None:
        proposed = proposed_account(investigation.claim)
        return dict(ProposedAccountSerializer(proposed).data) if proposed else None

    @extend_schema_field(DutySerializer(many=True))
    def get_duties(self, investigation: Investigation) -> list[dict[str, Any]]:
        return list(DutySerializer(duties_of(investigation), many=True).data)


class FactInDutySerializer(serializers.Serializer[Any]):
    """One fact that was learned in a duty: `value` is a code, a day or one of the fact's words, and empty otherwise."""

    fact = serializers.ChoiceField(choices=list(FACT_WORDS.items()))
    standing = serializers.ChoiceField(choices=Standing.choices)
    value = serializers.CharField(max_length=10, allow_blank=True, default="")
    confidence = serializers.ChoiceField(choices=Confidence.choices)
    note = serializers.CharField(max_length=LONGEST_NOTE)
    jury_note = serializers.CharField(max_length=LONGEST_JURY_NOTE, allow_blank=True, default="")


class DutyInputSerializer(serializers.Serializer[Any]):
    result = serializers.ChoiceField(choices=DutyRecord.Result.choices)
    findings = serializers.CharField(max_length=LONGEST_TEXT)
    jury_summary = serializers.CharField(max_length=LONGEST_SUMMARY)
    done_on = serializers.DateField()
    details = serializers.DictField(
        child=serializers.CharField(max_length=LONGEST_TEXT, allow_blank=True), default=dict
    )
    facts = FactInDutySerializer(many=True, default=list)

    def validate_details(self, given: dict[str, str]) -> dict[str, str]:
        """What the form of this duty asks for, the API asks for too."""
        kind = self.context["kind"]
        missing = [one.name for one in DETAILS[kind] if one.is_required and not given.get(one.name, "").strip()]
        if missing:
            told = _("Fill this in, or write why it could not be found out.")
            raise serializers.ValidationError({name: [str(told)] for name in missing})
        return given


class FindingInputSerializer(FactInDutySerializer):
    """One fact with where it was learned: the kind of a duty, or the number of a paper."""

    duty = serializers.ChoiceField(choices=DutyRecord.Kind.choices, allow_blank=True, default="")
    evidence_id = serializers.IntegerField(allow_null=True, default=None, min_value=1)


class ReportInputSerializer(serializers.Serializer[Any]):
    recommendation = serializers.ChoiceField(choices=Investigation.Recommendation.choices)
    reason_codes = serializers.ListField(child=serializers.CharField(max_length=60), allow_empty=False, max_length=20)
    report = serializers.CharField(max_length=LONGEST_TEXT)
    jury_summary = serializers.CharField(max_length=LONGEST_SUMMARY)
    suspected_on = serializers.DateField(allow_null=True, default=None)
    jury_account = serializers.CharField(
        max_length=2 * LONGEST_ACCOUNT,
        allow_null=True,
        default=None,
        help_text="The applicant's account as jurors read it, where they wrote one: `account.proposed`, in which more "
        "words may be replaced by one of the words in brackets.",
    )


class InvestigationFilterSet(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=InvestigationStatus.choices)
    claim = django_filters.CharFilter(field_name="claim__ref")

    class Meta:
        model = Investigation
        fields: list[str] = []


class InvestigationViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Investigation]):
    """The investigations that wait for anyone, and the user's own; reviewers and auditors read all."""

    queryset = Investigation.objects.none()
    serializer_class = InvestigationSerializer
    lookup_value_regex = "[0-9]+"
    filterset_class = InvestigationFilterSet

    def get_permissions(self) -> list[BasePermission]:
        """Reading is for three roles, acting for investigators."""
        if self.action in {"list", "retrieve"}:
            return [allow(is_investigator, is_reviewer, is_auditor)()]
        return [allow(is_investigator)()]

    def get_queryset(self) -> QuerySet[Investigation]:
        """In full only where the user may know the claimant by name."""
        if self.action in {"list", "take"}:
            return investigations_visible_to(self.request.user)
        return investigations_named_to(self.request.user)

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        return InvestigationSerializer if self.action == "list" else InvestigationDetailSerializer

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One investigation in full, with findings and report. Reading it is recorded, as on its page."""
        investigation = self.get_object()
        view_claim(claim=investigation.claim, by=_user(request))
        return Response(self.get_serializer(investigation).data)

    @extend_schema(request=None, responses=InvestigationDetailSerializer)
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str) -> Response:
        """Take it from the worklist; the first to ask gets it."""
        taken = take_investigation(investigation_id=int(pk), by=_user(request))
        return self._shown(taken.pk)

    @extend_schema(
        request=DutyInputSerializer,
        responses=InvestigationDetailSerializer,
        parameters=[OpenApiParameter("kind", str, OpenApiParameter.PATH, enum=DutyRecord.Kind.values)],
    )
    @action(detail=True, methods=["post"], url_path=r"duties/(?P<kind>[a-z_]+)", url_name="duty")
    def duty(self, request: Request, pk: str, kind: str) -> Response:
        """Record one of the five duties with the facts learned in it; files go to the evidence address."""
        investigation = self.get_object()
        duty = get_object_or_404(investigation.duties.all(), kind=kind)
        given = DutyInputSerializer(data=request.data, context={"kind": duty.kind})
        given.is_valid(raise_exception=True)
        record_duty_with_facts(duty_id=duty.pk, **given.validated_data, by=_user(request))
        return self._shown(investigation.pk)

    @extend_schema(request=FindingInputSerializer, responses=FactSerializer(many=True))
    @action(detail=True, methods=["post"])
    def findings(self, request: Request, pk: str) -> Response:
        """Record what was found of one fact; the clauses are checked again. Returns every fact of the claim."""
        investigation = self.get_object()
        given = FindingInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        record_finding(investigation_id=investigation.pk, **given.validated_data, by=_user(request))
        claim = investigations_named_to(request.user).get(pk=investigation.pk).claim
        return Response(FactSerializer(fact_rows(claim), many=True).data)

    @extend_schema(request=ReportInputSerializer, responses=InvestigationDetailSerializer)
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, pk: str) -> Response:
        """Sign the report, which freezes the evidence."""
        investigation = self.get_object()
        given = ReportInputSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        sign_report(investigation_id=investigation.pk, **given.validated_data, by=_user(request))
        return self._shown(investigation.pk)

    def _shown(self, pk: int) -> Response:
        investigation = investigations_named_to(self.request.user).get(pk=pk)
        return Response(InvestigationDetailSerializer(investigation, context=self.get_serializer_context()).data)


def _user(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


router = SimpleRouter()
router.register("investigations", InvestigationViewSet, basename="api-investigation")
urlpatterns = router.urls
