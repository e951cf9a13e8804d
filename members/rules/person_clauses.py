"""The clauses about the person: the health statement, aid received before, other claims, shares owed."""

from __future__ import annotations

from members.rules.eligibility_types import MET, NEEDS_FINDING, NOT_MET, UNKNOWN, Facts, Finding
from members.rules.findings import found
from members.rules.plan_types import PlanRules, Text


def health_statement(facts: Facts, rules: PlanRules) -> Finding:
    """The answers allowed the person to join, and the investigation found them true."""
    clause = "health_statement"
    questions = rules.join.health_questions
    if not questions:
        return found(clause, MET, Text("The plan asks for no health statement.", "本计划无健康告知要求。"))
    if facts.is_ill_before_joining:
        text = Text(
            "The illness was found to have been there before joining: joined while ill.",
            "经查明，该疾病在加入前已存在：视为带病加入。",
        )
        return found(clause, NOT_MET, text)
    if facts.is_health_statement_true is False:
        text = Text("The investigation found that the health statement was not true.", "经调查，健康告知不属实。")
        return found(clause, NOT_MET, text)
    refused = [
        item for item in questions if facts.health_answers.get(item.code, item.allowed_answer) != item.allowed_answer
    ]
    if refused:
        text = Text("An answer did not allow joining: {question}", "健康告知的回答不符合加入条件：{question}")
        return found(clause, NOT_MET, text, question=refused[0].text, code=refused[0].code)
    if facts.is_health_statement_true:
        text = Text("The investigation found the health statement true.", "经调查，健康告知属实。")
        return found(clause, MET, text)
    unanswered = [item for item in questions if item.code not in facts.health_answers]
    if unanswered:
        text = Text("No answer is on record to: {question}", "未见对此问题的回答：{question}")
        return found(clause, UNKNOWN, text, question=unanswered[0].text, code=unanswered[0].code)
    text = Text(
        "All answers allowed joining; the investigation must find out whether they were true.",
        "全部回答符合加入条件；是否属实须经调查。",
    )
    return found(clause, NEEDS_FINDING, text, answers=len(questions))


def aided_before(facts: Facts, rules: PlanRules) -> Finding:
    """One aid payment ends a membership."""
    if facts.is_aided_before:
        text = Text("This membership has already received aid.", "该成员资格已获得过互助金。")
        return found("aided_before", NOT_MET, text)
    return found("aided_before", MET, Text("No aid has been paid on this membership.", "该成员资格未曾获得互助金。"))


def other_claim(facts: Facts, rules: PlanRules) -> Finding:
    """A member has one claim at a time."""
    if facts.has_open_claim:
        return found("other_claim", NOT_MET, Text("Another claim of this member is open.", "该成员另有未结案的申请。"))
    return found("other_claim", MET, Text("No other claim of this member is open.", "该成员无其他未结案的申请。"))


def arrears(facts: Facts, rules: PlanRules) -> Finding:
    """Arrears never prevent aid: they are deducted from it."""
    if facts.in_arrears:
        text = Text("Shares are owed; they will be taken off the aid.", "有分摊欠款，将从互助金中扣除。")
        return found("arrears", MET, text, owed=1)
    return found("arrears", MET, Text("No shares are owed.", "无分摊欠款。"), owed=0)
