"""The shapes of the API: amounts are whole numbers of the currency's smallest unit (`_minor`)."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from allocation.models import AidLine, Period, Posting, Transaction
from allocation.rules.payment_states import PaymentState
from allocation.selectors.arrears import shares_paid
from allocation.selectors.notices import Notice

FIGURES = [
    "members",
    "aid_minor",
    "fee_minor",
    "case_cap_excess_minor",
    "billed_minor",
    "surplus_in_minor",
    "per_head_minor",
    "surplus_out_minor",
    "collected_minor",
    "gifts_minor",
    "year_cap_excess_minor",
]


class PeriodSerializer(serializers.ModelSerializer[Period]):
    """One published period in figures."""

    plan = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    plan_version = serializers.SlugRelatedField[Any](slug_field="label", read_only=True)
    currency = serializers.CharField(source="plan.currency", read_only=True)
    claims_paid = serializers.IntegerField(read_only=True)

    class Meta:
        model = Period
        fields = [
            "id",
            "plan",
            "plan_version",
            "currency",
            "status",
            "notice_on",
            "charge_on",
            "counted_at",
            "noticed_at",
            "charged_at",
            "settled_at",
            "claims_paid",
            *FIGURES,
            "share_unit_minor",
            "members_needed",
            "below_since",
            "plan_ends_on",
        ]
        read_only_fields = fields


class AidLineSerializer(serializers.ModelSerializer[AidLine]):
    """One claim of a notice, without the person's name."""

    claim = serializers.SlugRelatedField[Any](slug_field="ref", read_only=True)

    class Meta:
        model = AidLine
        fields = [
            "claim",
            "masked_name",
            "illness_en",
            "illness_zh",
            "age_years",
            "severity",
            "aid_minor",
            "fee_bp",
            "fee_minor",
            "billed_minor",
            "left_because",
        ]
        read_only_fields = fields


class CohortShareSerializer(serializers.Serializer[Any]):
    """What each member of one cohort pays; `cohort` is first notice day, gift or paying, and what was carried in."""

    cohort = serializers.CharField(source="key")
    members = serializers.IntegerField()
    is_gifted = serializers.BooleanField()
    year_to_date_minor = serializers.IntegerField(source="cohort.year_to_date_minor")
    per_member_minor = serializers.IntegerField()
    charged_minor = serializers.IntegerField()


class ProofSerializer(serializers.Serializer[Any]):
    """Both sides of C + G + Y + K = A + F + S_out − S."""

    income_minor = serializers.IntegerField()
    outgo_minor = serializers.IntegerField()
    conserves = serializers.BooleanField()


class SharesPaidSerializer(serializers.Serializer[Any]):
    """What was charged to the members, by state; the other amounts sum to `charged_minor`."""

    charged_minor = serializers.IntegerField()
    paid_minor = serializers.IntegerField()
    collecting_minor = serializers.IntegerField()
    paid_later_minor = serializers.IntegerField()
    netted_minor = serializers.IntegerField()
    owed_minor = serializers.IntegerField()
    written_off_minor = serializers.IntegerField()


class PeriodDetailSerializer(PeriodSerializer):
    """A whole notice: figures, claims, shares and proof; `notice_figures` as they were before claims left."""

    lines = serializers.SerializerMethodField()
    shares = serializers.SerializerMethodField()
    proof = serializers.SerializerMethodField()
    shares_paid = serializers.SerializerMethodField()
    notice_figures = serializers.SerializerMethodField()

    class Meta(PeriodSerializer.Meta):
        fields = [*PeriodSerializer.Meta.fields, "lines", "shares", "proof", "shares_paid", "notice_figures"]
        read_only_fields = fields

    def _notice(self) -> Notice:
        found: Notice = self.context["notice"]
        return found

    @extend_schema_field(AidLineSerializer(many=True))
    def get_lines(self, period: Period) -> Any:
        return AidLineSerializer(self._notice().lines, many=True).data

    @extend_schema_field(CohortShareSerializer(many=True))
    def get_shares(self, period: Period) -> Any:
        return CohortShareSerializer(self._notice().allocation.cohorts, many=True).data

    @extend_schema_field(ProofSerializer)
    def get_proof(self, period: Period) -> Any:
        return ProofSerializer(self._notice().allocation).data

    @extend_schema_field(SharesPaidSerializer(allow_null=True))
    def get_shares_paid(self, period: Period) -> Any:
        return None if period.status == Period.Status.NOTICED else SharesPaidSerializer(shares_paid(period)).data

    def get_notice_figures(self, period: Period) -> dict[str, int]:
        totals: dict[str, int] = period.notice_figures["totals"]
        return totals


class PreviewClaimSerializer(serializers.Serializer[Any]):
    """A claim that the notice would take in."""

    claim = serializers.CharField(source="ref")
    aid_minor = serializers.IntegerField(source="amount_minor")


class ThresholdSerializer(serializers.Serializer[Any]):
    """Too few members were counted: how many are needed, since which notice, and the day on which the plan ends."""

    members_needed = serializers.IntegerField()
    below_since = serializers.DateField()
    plan_ends_on = serializers.DateField()


class PreviewSerializer(serializers.Serializer[Any]):
    """What the next notice would say now."""

    plan = serializers.CharField(source="plan.code")
    plan_version = serializers.CharField(source="version.label")
    notice_on = serializers.DateField()
    charge_on = serializers.DateField()
    counted_at = serializers.DateTimeField()
    claims = PreviewClaimSerializer(many=True)
    members = serializers.IntegerField(source="allocation.members")
    aid_minor = serializers.IntegerField(source="allocation.aid_minor")
    fee_minor = serializers.IntegerField(source="allocation.fee_minor")
    case_cap_excess_minor = serializers.IntegerField(source="allocation.case_cap_excess_minor")
    billed_minor = serializers.IntegerField(source="allocation.billed_minor")
    surplus_in_minor = serializers.IntegerField(source="allocation.surplus_in_minor")
    per_head_minor = serializers.IntegerField(source="allocation.per_head_minor")
    surplus_out_minor = serializers.IntegerField(source="allocation.surplus_out_minor")
    threshold = ThresholdSerializer(allow_null=True)
    shares = CohortShareSerializer(many=True, source="allocation.cohorts")
    proof = ProofSerializer(source="allocation")


class PublishSerializer(serializers.Serializer[Any]):
    """Which notice to publish."""

    plan = serializers.SlugField(help_text="The plan's code.")
    notice_on = serializers.DateField(help_text="The notice day, as the preview gives it.")


class StatementLineSerializer(serializers.Serializer[Any]):
    """One period on a statement."""

    period = serializers.IntegerField(source="period.pk")
    notice_on = serializers.DateField(source="period.notice_on")
    charge_on = serializers.DateField(source="period.charge_on")
    status = serializers.CharField(source="period.status")
    share_minor = serializers.IntegerField()
    year_to_date_minor = serializers.IntegerField()
    is_gifted = serializers.BooleanField()
    is_free = serializers.BooleanField(help_text="Whether the sponsor pays it because the member joined early.")
    is_capped = serializers.BooleanField()
    payment = serializers.ChoiceField(choices=PaymentState.choices)


class StatementSerializer(serializers.Serializer[Any]):
    """What one membership pays."""

    membership = serializers.IntegerField(source="membership.pk")
    plan = serializers.CharField(source="membership.plan.code")
    currency = serializers.CharField(source="membership.plan.currency")
    year = serializers.IntegerField(allow_null=True)
    year_to_date_minor = serializers.IntegerField()
    annual_cap_minor = serializers.IntegerField(allow_null=True)
    free_until = serializers.DateField(
        allow_null=True, help_text="The last day whose notices cost this early joiner nothing."
    )
    owed_minor = serializers.IntegerField(help_text="What could not be collected and can still be paid.")
    grace_ends_at = serializers.DateTimeField(allow_null=True, help_text="Until when it can be paid.")
    lines = StatementLineSerializer(many=True)


class AccountBalanceSerializer(serializers.Serializer[Any]):
    """One account of the trial balance."""

    code = serializers.CharField()
    debit_minor = serializers.IntegerField()
    credit_minor = serializers.IntegerField()
    balance_minor = serializers.IntegerField()


class TrialBalanceSerializer(serializers.Serializer[Any]):
    """Every account of a plan; the difference of the sums is zero."""

    plan = serializers.CharField(source="plan.code")
    accounts = AccountBalanceSerializer(many=True)
    debit_minor = serializers.IntegerField()
    credit_minor = serializers.IntegerField()
    difference_minor = serializers.IntegerField()


class PostingSerializer(serializers.ModelSerializer[Posting]):
    """A debit (positive) or a credit (negative)."""

    account = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)

    class Meta:
        model = Posting
        fields = ["account", "amount_minor", "reference"]
        read_only_fields = fields


class TransactionSerializer(serializers.ModelSerializer[Transaction]):
    """One transaction with its postings, which sum to zero."""

    plan = serializers.SlugRelatedField[Any](slug_field="code", read_only=True)
    notice_on = serializers.DateField(source="period.notice_on", read_only=True, allow_null=True)
    postings = PostingSerializer(many=True, read_only=True)

    class Meta:
        model = Transaction
        fields = ["id", "plan", "notice_on", "kind", "key", "recorded_at", "postings"]
        read_only_fields = fields
