"""The API of what-if: a plan's decided claims judged by other rules; for reviewers and auditors."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from adjudication.selectors.what_if import DECIDED, MOST_CLAIMS, DecidedFilter, Difference
from allocation.selectors.what_if import PeriodEffect, WhatIf, rules_to_try, what_if
from members.access import allow, is_auditor, is_reviewer
from members.selectors.plans import plans
from pages.words import listed


class QuestionSerializer(serializers.Serializer[Any]):
    """Which plan, which rules (`version-2020-01-01`, `draft-7`), and which decided claims."""

    plan = serializers.CharField()
    against = serializers.CharField()
    since = serializers.DateField(required=False, default=None)
    until = serializers.DateField(required=False, default=None)
    status = serializers.ChoiceField(choices=[one.value for one in DECIDED], required=False, default="")
    period = serializers.DateField(required=False, default=None, help_text="The notice day of the period that paid.")
    last = serializers.IntegerField(min_value=1, max_value=MOST_CLAIMS, default=MOST_CLAIMS)


class ClauseSerializer(serializers.Serializer[Any]):
    """A clause that makes the difference, in both languages."""

    clause = serializers.CharField()
    result = serializers.CharField()
    sentence_en = serializers.CharField(source="sentence.en")
    sentence_zh = serializers.CharField(source="sentence.zh")


class DifferenceSerializer(serializers.Serializer[Difference]):
    """One claim: the decision, and the outcome under the other rules. Amounts in minor units."""

    claim = serializers.CharField(source="claim.ref")
    kind = serializers.CharField(source="rejudged.kind")
    outcome_before = serializers.CharField(source="decision.outcome")
    outcome_after = serializers.CharField(source="rejudged.outcome")
    aid_before_minor = serializers.IntegerField(source="decision.amount_minor", allow_null=True)
    aid_after_minor = serializers.IntegerField(source="rejudged.amount_minor", allow_null=True)
    clauses = ClauseSerializer(source="rejudged.findings", many=True)


class PeriodEffectSerializer(serializers.Serializer[PeriodEffect]):
    """One period: what each member paid, and would have paid. Amounts in minor units."""

    notice_on = serializers.DateField(source="period.notice_on")
    members = serializers.IntegerField(source="period.members")
    aid_before_minor = serializers.IntegerField(source="period.aid_minor")
    aid_after_minor = serializers.IntegerField(source="allocation.aid_minor")
    fee_before_minor = serializers.IntegerField(source="period.fee_minor")
    fee_after_minor = serializers.IntegerField(source="allocation.fee_minor")
    per_head_before_minor = serializers.IntegerField(source="period.per_head_minor")
    per_head_after_minor = serializers.IntegerField(source="allocation.per_head_minor")


class WhatIfSerializer(serializers.Serializer[WhatIf]):
    """The whole answer. Amounts in minor units."""

    plan = serializers.CharField(source="plan.code")
    against = serializers.CharField(source="against.key")
    matching = serializers.IntegerField()
    looked_at = serializers.IntegerField(source="readjudication.looked_at")
    approved_before = serializers.IntegerField(source="readjudication.approved_before")
    approved_after = serializers.IntegerField(source="readjudication.approved_after")
    aid_before_minor = serializers.IntegerField(source="readjudication.aid_before_minor")
    aid_after_minor = serializers.IntegerField(source="readjudication.aid_after_minor")
    otherwise = DifferenceSerializer(source="readjudication.otherwise", many=True)
    unsure = DifferenceSerializer(source="readjudication.unsure", many=True)
    periods = PeriodEffectSerializer(many=True)


class WhatIfView(APIView):
    """Judge decided claims again under another version or a draft of their plan; nothing is stored."""

    permission_classes = [allow(is_reviewer, is_auditor)]

    @extend_schema(parameters=[QuestionSerializer], responses=WhatIfSerializer)
    def get(self, request: Request) -> Response:
        asked = QuestionSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        plan = get_object_or_404(plans(), code=given["plan"])
        tried = {one.key: one for one in rules_to_try(request.user, plan)}
        if given["against"] not in tried:
            allowed = {"allowed": listed(tried)}
            raise serializers.ValidationError({"against": _("Choose one of: %(allowed)s.") % allowed})
        wanted = DecidedFilter(plan, given["since"], given["until"], given["status"], given["last"])
        answer = what_if(request.user, wanted, tried[given["against"]], given["period"])
        return Response(WhatIfSerializer(answer).data)
