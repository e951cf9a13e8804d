"""Claims over the API: the same selectors and services as the pages."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Exists, OuterRef, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.throttling import BaseThrottle
from rest_framework.viewsets import GenericViewSet

from adjudication.api.addenda import AddendumSerializer
from adjudication.api.evidence import UploadThrottle
from adjudication.api.facts import FactSerializer
from adjudication.errors.claims import NotYourClaim
from adjudication.models import Claim, Decision
from adjudication.models.claims import ClaimStatus
from adjudication.selectors.accounts import account_for_applicant
from adjudication.selectors.checks import check_steps
from adjudication.selectors.claims import (
    claims_known_to,
    claims_named_to,
    claims_visible_to,
    is_own_claim,
)
from adjudication.selectors.findings import fact_rows
from adjudication.selectors.latest import latest_check, latest_decision
from adjudication.selectors.timelines import next_step, timeline
from adjudication.services.accounts import write_account
from adjudication.services.addenda import release_addendum
from adjudication.services.answers import CHOICES, HEARD, LONGEST_WORDS, answer_report
from adjudication.services.claim_checks import LONGEST_ACCOUNT, LONGEST_GIVEN_CODE, LONGEST_HOSPITAL
from adjudication.services.claims import submit_claim, withdraw_claim
from adjudication.services.findings import (
    LONGEST_REASON,
    LONGEST_REMARK,
    add_remark,
    dismiss_late_findings,
    order_another_look,
)
from adjudication.services.viewings import view_claim
from members.access import allow, is_investigator, is_reviewer
from members.models import Membership, User
from members.rules.eligibility_types import Eligibility, Result
from members.rules.masking import masked_name
from members.selectors.memberships import memberships_visible_to

_PERSONAL = ("person", "hospital", "account")


class ClaimSerializer(serializers.ModelSerializer[Claim]):
    """A claim. Person, hospital and account are null for users who only see it on the worklist.

    For reviewers and auditors a list holds the person's masked name; a claim opened by itself is in clear, and opening
    it is recorded in the audit log.
    """

    plan = serializers.CharField(source="plan.code", read_only=True)
    currency = serializers.CharField(source="plan.currency", read_only=True)
    person = serializers.CharField(source="membership.person.name", read_only=True, allow_null=True)
    hospital = serializers.CharField(read_only=True, allow_null=True)
    account = serializers.CharField(read_only=True, allow_null=True)

    class Meta:
        model = Claim
        fields = [
            "ref",
            "plan",
            "status",
            "status_since",
            "due_at",
            "person",
            "icd10",
            "icd10_given",
            "disease",
            "severity",
            "is_accident",
            "first_diagnosed_on",
            "suspected_on",
            "hospital",
            "account",
            "submitted_at",
            "amount_minor",
            "currency",
        ]
        read_only_fields = fields

    def to_representation(self, instance: Claim) -> dict[str, Any]:
        """Omit the identity for users who may not know it, and mask it for those who have not opened the claim."""
        shown: dict[str, Any] = super().to_representation(instance)
        if not getattr(instance, "is_named", False):
            return shown | dict.fromkeys(_PERSONAL)
        if not getattr(instance, "is_known", False):
            return shown | dict.fromkeys(_PERSONAL) | {"person": masked_name(instance.membership.person.name)}
        return shown


class DecisionSerializer(serializers.ModelSerializer[Decision]):
    class Meta:
        model = Decision
        fields = ["sequence", "outcome", "amount_minor", "reason_codes", "basis", "decided_at"]
        read_only_fields = fields


class NextStepSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    text = serializers.CharField()
    until = serializers.DateTimeField(allow_null=True)
    awaits_nonce = serializers.BooleanField()
    awaits_answer = serializers.BooleanField()


class EventSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    title = serializers.CharField()
    text = serializers.CharField(allow_blank=True)


class SentenceSerializer(serializers.Serializer[Any]):
    """What a clause says in one run, in both languages."""

    result = serializers.ChoiceField(choices=Result.choices)
    en = serializers.CharField(source="sentence.en")
    zh = serializers.CharField(source="sentence.zh")


class ClauseChangeSerializer(serializers.Serializer[Any]):
    """A clause with a different result than in the run before; null where one of the two did not check it."""

    clause = serializers.CharField()
    before = SentenceSerializer(allow_null=True)
    after = SentenceSerializer(allow_null=True)


class CheckSerializer(serializers.Serializer[Any]):
    """One run of the clauses: its occasion, its result, and what changed since the run before."""

    occasion = serializers.CharField(source="check.occasion")
    checked_at = serializers.DateTimeField(source="check.checked_at")
    outcome = serializers.ChoiceField(source="check.outcome", choices=Eligibility.choices)
    changes = ClauseChangeSerializer(many=True)


class ClaimDetailSerializer(ClaimSerializer):
    """A claim with its clauses, its history, the next step, and the decision in force."""

    plan_version = serializers.CharField(source="plan_version.label", read_only=True)
    facts = serializers.SerializerMethodField()
    clauses = serializers.SerializerMethodField()
    checks = serializers.SerializerMethodField()
    next_step = serializers.SerializerMethodField()
    timeline = serializers.SerializerMethodField()
    decision = serializers.SerializerMethodField()

    class Meta(ClaimSerializer.Meta):
        fields = [
            *ClaimSerializer.Meta.fields,
            "plan_version",
            "facts",
            "clauses",
            "checks",
            "next_step",
            "timeline",
            "decision",
        ]
        read_only_fields = fields

    @extend_schema_field(FactSerializer(many=True))
    def get_facts(self, claim: Claim) -> list[dict[str, Any]]:
        """Every fact, stated and found; only for users who may know whose claim it is."""
        rows = fact_rows(claim) if getattr(claim, "is_named", False) else ()
        return list(FactSerializer(rows, many=True).data)

    @extend_schema_field(serializers.ListField(child=serializers.DictField()))
    def get_clauses(self, claim: Claim) -> list[dict[str, Any]]:
        """The findings of the last run of the clauses; only for users who may know whose claim it is."""
        return list(latest_check(claim).trace["findings"]) if getattr(claim, "is_named", False) else []

    @extend_schema_field(CheckSerializer(many=True))
    def get_checks(self, claim: Claim) -> list[dict[str, Any]]:
        """Every run of the clauses, oldest first, with its changes; only for users who may know whose claim it is."""
        steps = check_steps(claim) if getattr(claim, "is_named", False) else ()
        return list(CheckSerializer(steps, many=True).data)

    @extend_schema_field(NextStepSerializer)
    def get_next_step(self, claim: Claim) -> dict[str, Any]:
        return NextStepSerializer(next_step(claim)).data

    @extend_schema_field(EventSerializer(many=True))
    def get_timeline(self, claim: Claim) -> list[dict[str, Any]]:
        return list(EventSerializer(timeline(claim), many=True).data)

    @extend_schema_field(DecisionSerializer(allow_null=True))
    def get_decision(self, claim: Claim) -> dict[str, Any] | None:
        decision = latest_decision(claim)
        return dict(DecisionSerializer(decision).data) if decision else None


class VisibleMembership(serializers.PrimaryKeyRelatedField[Membership]):
    def get_queryset(self) -> QuerySet[Membership]:
        request = self.context.get("request")
        return memberships_visible_to(request.user) if request else Membership.objects.none()


class NewClaimSerializer(serializers.Serializer[Any]):
    membership = VisibleMembership(queryset=Membership.objects.none())
    icd10 = serializers.CharField(max_length=LONGEST_GIVEN_CODE)
    disease = serializers.CharField(max_length=40, allow_blank=True, default="")
    severity = serializers.ChoiceField(choices=Claim.Severity.choices)
    is_accident = serializers.BooleanField(default=False)
    first_diagnosed_on = serializers.DateField()
    suspected_on = serializers.DateField(allow_null=True, default=None)
    hospital = serializers.CharField(max_length=LONGEST_HOSPITAL)
    account = serializers.CharField(max_length=LONGEST_ACCOUNT, allow_blank=True, default="")
    is_for_jury = serializers.BooleanField(
        default=False, help_text="Whether jurors should read the account, with names, phones and addresses replaced."
    )


class FactsRemarkSerializer(serializers.Serializer[Any]):
    """What the applicant says to the facts found."""

    text = serializers.CharField(max_length=LONGEST_REMARK)
    is_for_jury = serializers.BooleanField(
        default=False, help_text="Whether it is put behind the account for the jury, until the report is signed."
    )


class AccountSerializer(serializers.Serializer[Any]):
    """What the applicant wrote for the jury, and how jurors read it: as proposed, or as frozen with the report."""

    text = serializers.CharField(max_length=LONGEST_ACCOUNT)
    for_jurors = serializers.CharField(read_only=True)
    is_frozen = serializers.BooleanField(read_only=True)
    written_at = serializers.DateTimeField(read_only=True, allow_null=True)


class LateFindingsSerializer(serializers.Serializer[Any]):
    """What follows from what was found after the report: `look` or `dismiss`, with the reason."""

    act = serializers.ChoiceField(choices=["look", "dismiss"])
    reason = serializers.CharField(max_length=LONGEST_REASON)


class ReportAnswerSerializer(serializers.Serializer[Any]):
    """The applicant's answer: `jury` or `accepted`; on a rejection by clause `heard`, with words, or `accepted`."""

    choice = serializers.ChoiceField(choices=[*CHOICES, HEARD])
    words = serializers.CharField(max_length=LONGEST_WORDS, allow_blank=True, default="")


class ClaimFilterSet(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=ClaimStatus.choices)
    plan = django_filters.CharFilter(field_name="plan__code")

    class Meta:
        model = Claim
        fields: list[str] = []


class ClaimViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet[Claim]):
    """The claims that the user may see; filing and withdrawing their own."""

    queryset = Claim.objects.none()
    serializer_class = ClaimSerializer
    filterset_class = ClaimFilterSet
    lookup_field = "ref"

    def get_queryset(self) -> QuerySet[Claim]:
        """The claims that the pages show too, with whether this user may know whose it is, and whether they know
        without looking.
        """
        named = claims_named_to(self.request.user).filter(pk=OuterRef("pk"))
        known = claims_known_to(self.request.user).filter(pk=OuterRef("pk"))
        return claims_visible_to(self.request.user).annotate(is_named=Exists(named), is_known=Exists(known))

    def get_serializer_class(self) -> type[serializers.BaseSerializer[Any]]:
        return ClaimSerializer if self.action == "list" else ClaimDetailSerializer

    def get_throttles(self) -> list[BaseThrottle]:
        """An addendum can bring files, so it has the limit of uploads as well."""
        return [*super().get_throttles(), *([UploadThrottle()] if self.action == "addendum" else [])]

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """One claim. Reviewers and auditors open it with the member's identity, which is recorded in the audit log."""
        claim = self.get_object()
        if claim.is_named and not claim.is_known:
            view_claim(claim=claim, by=_user(request))
            claim.is_known = True
        return Response(self.get_serializer(claim).data)

    @extend_schema(request=NewClaimSerializer, responses={201: ClaimDetailSerializer})
    def create(self, request: Request) -> Response:
        """File a claim."""
        given = NewClaimSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        claim = submit_claim(**given.validated_data, by=_user(request))
        return self._shown(claim.ref, status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=ClaimDetailSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, ref: str) -> Response:
        """Withdraw a claim before it is decided."""
        claim = self.get_object()
        withdraw_claim(claim_ref=claim.ref, by=_user(request))
        return self._shown(claim.ref, status.HTTP_200_OK)

    @extend_schema(request=ReportAnswerSerializer, responses=ClaimDetailSerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, ref: str) -> Response:
        """Answer a report by which the claim would be rejected: ask for the jury, or accept it; where a clause that
        binds would reject it, speak, or accept it. Each is final.
        """
        claim = self.get_object()
        if not is_own_claim(request.user, claim):
            raise NotYourClaim
        given = ReportAnswerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        answer_report(claim_ref=claim.ref, **given.validated_data, by=_user(request))
        return self._shown(claim.ref, status.HTTP_200_OK)

    @extend_schema(request=FactsRemarkSerializer, responses=ClaimDetailSerializer)
    @action(detail=True, methods=["post"])
    def remark(self, request: Request, ref: str) -> Response:
        """Answer the facts found, before anything is decided."""
        claim = self.get_object()
        if not is_own_claim(request.user, claim):
            raise NotYourClaim
        given = FactsRemarkSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        add_remark(claim_ref=claim.ref, **given.validated_data, by=_user(request))
        return self._shown(claim.ref, status.HTTP_200_OK)

    @extend_schema(methods=["GET"], responses=AccountSerializer)
    @extend_schema(methods=["POST"], request=AccountSerializer, responses=AccountSerializer)
    @action(detail=True, methods=["get", "post"])
    def account(self, request: Request, ref: str) -> Response:
        """Read or write one's own account for the jury; it can be written again until the report is signed."""
        claim = self.get_object()
        if not is_own_claim(request.user, claim):
            raise NotYourClaim
        if request.method == "POST":
            given = AccountSerializer(data=request.data)
            given.is_valid(raise_exception=True)
            write_account(claim_ref=claim.ref, text=given.validated_data["text"], by=_user(request))
        return Response(AccountSerializer(account_for_applicant(claim)).data)

    @extend_schema(request=LateFindingsSerializer, responses=ClaimDetailSerializer)
    @action(
        detail=True,
        methods=["post"],
        url_path="late-findings",
        url_name="late-findings",
        permission_classes=[allow(is_reviewer)],
    )
    def late_findings(self, request: Request, ref: str) -> Response:
        """Say what follows from what was found after the report: another look, or nothing, with a reason."""
        claim = self.get_object()
        given = LateFindingsSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        act = dismiss_late_findings if given.validated_data["act"] == "dismiss" else order_another_look
        act(claim_ref=claim.ref, reason=given.validated_data["reason"], by=_user(request))
        return self._shown(claim.ref, status.HTTP_200_OK)

    @extend_schema(request=AddendumSerializer, responses=ClaimDetailSerializer)
    @action(detail=True, methods=["post"], permission_classes=[allow(is_reviewer, is_investigator)])
    def addendum(self, request: Request, ref: str) -> Response:
        """Give the jurors who are voting what was found after the report, with papers that show it; once a vote, which
        then closes later.
        """
        claim = self.get_object()
        given = AddendumSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        text = given.validated_data["text"]
        release_addendum(claim_ref=claim.ref, text=text, papers=given.given, by=_user(request))
        return self._shown(claim.ref, status.HTTP_200_OK)

    def _shown(self, ref: str, code: int) -> Response:
        claim = self.get_queryset().get(ref=ref)
        return Response(ClaimDetailSerializer(claim, context=self.get_serializer_context()).data, status=code)


def _user(request: Request) -> User:
    assert isinstance(request.user, User)
    return request.user


router = SimpleRouter()
router.register("claims", ClaimViewSet, basename="api-claim")
urlpatterns = router.urls
