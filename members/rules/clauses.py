"""The clauses of eligibility, one function each: what a plan version says of the facts, with its reasons in words.

Boundaries, in one place:
- waiting period: the day of joining is day 1; the last waiting day (day 90 of 90) lies inside, the next day outside;
- suspected tumour: day 1 is the day after the last waiting day; its last day (day 90) still counts as joined while ill;
- applying: the day of first diagnosis is not counted; the last day (day 180) is still in time;
- age: completed years on the day of first diagnosis; the birthday itself counts;
- membership: the days of joining and of leaving both belong to it (of one that ends at 00:00, up to the day before), so
  that the day of a move between plans belongs to both memberships and no day falls between them; one line of
  memberships still receives aid only once;
- moving without a new wait: the wait and the clause on suspected tumours count from the day on which the first wait
  of the line began, with the length that the rules of the plan moved into give it;
- rules: a version that starts during a day governs all of that day.
"""

from __future__ import annotations

from datetime import date, timedelta

from members.rules.dates import completed_years, day_number, days_after, end_of_day, last_day_of, local_day
from members.rules.eligibility_types import MET, NEEDS_FINDING, NOT_MET, UNKNOWN, Facts, Finding
from members.rules.findings import Value, found, missing
from members.rules.icd10_ranges import contains, normalised
from members.rules.money import format_minor
from members.rules.plan_types import SEVERITIES, CoveredCondition, DiseaseQuestion, PlanRules, Text
from members.rules.plans import aid_for, band_for, condition_for, exclusion_for

TUMOURS = ("C00-C97", "D00-D09")
"""Malignant tumours and carcinoma in situ, which counts as a mild one."""
_SEVERITY_WORDS = {"mild": Text("mild", "轻症"), "severe": Text("severe", "重症")}


def possible_dates(facts: Facts, rules: PlanRules) -> Finding:
    """Birth, first diagnosis and application can only lie in this order."""
    clause = "possible_dates"
    if facts.born_on is None or facts.first_diagnosed_on is None:
        return missing(clause)
    submitted_on = local_day(facts.submitted_at, rules.timezone)
    # The day of birth stays out of values and sentence: a trace is shown to people who may not know it.
    known = {"diagnosed": facts.first_diagnosed_on, "submitted": submitted_on}
    if facts.first_diagnosed_on < facts.born_on:
        text = Text(
            "The first diagnosis ({diagnosed}) lies before the birth.", "初次确诊日期（{diagnosed}）早于出生日期。"
        )
        return found(clause, NOT_MET, text, **known)
    if facts.first_diagnosed_on > submitted_on:
        text = Text(
            "The first diagnosis ({diagnosed}) lies after the claim ({submitted}).",
            "初次确诊日期（{diagnosed}）晚于申请日期（{submitted}）。",
        )
        return found(clause, NOT_MET, text, **known)
    text = Text(
        "Birth, first diagnosis ({diagnosed}) and claim ({submitted}) follow each other.",
        "出生、初次确诊（{diagnosed}）、申请（{submitted}）先后顺序合理。",
    )
    return found(clause, MET, text, **known)


def plan_version(facts: Facts, rules: PlanRules) -> Finding:
    """The version that judges was in force when the day of first diagnosis ended."""
    clause = "plan_version"
    if facts.first_diagnosed_on is None:
        return missing(clause)
    in_force = rules.starts_at <= end_of_day(facts.first_diagnosed_on, rules.timezone)
    text = (
        Text(
            "The rules of {starts} were in force at the first diagnosis on {diagnosed}.",
            "初次确诊日（{diagnosed}）适用{starts}起生效的规则。",
        )
        if in_force
        else Text(
            "The first diagnosis on {diagnosed} came before these rules, in force from {starts}.",
            "初次确诊日（{diagnosed}）早于本规则生效日（{starts}）。",
        )
    )
    return found(
        clause,
        MET if in_force else NOT_MET,
        text,
        starts=rules.starts_at.date(),
        diagnosed=facts.first_diagnosed_on,
        version=rules.version,
    )


def membership(facts: Facts, rules: PlanRules) -> Finding:
    """The ill person was a member on the day of first diagnosis."""
    clause = "membership"
    if facts.is_identity_proved is False:
        text = Text("It is not proved that the ill person is the member.", "未能证实患病者即为该成员本人。")
        return found(clause, NOT_MET, text)
    if facts.first_diagnosed_on is None or facts.joined_at is None:
        return missing(clause)
    joined_on = local_day(facts.joined_at, rules.timezone)
    known = {"joined": joined_on, "diagnosed": facts.first_diagnosed_on}
    if facts.first_diagnosed_on < joined_on:
        text = Text(
            "The first diagnosis on {diagnosed} came before joining on {joined}.",
            "初次确诊日（{diagnosed}）早于加入日（{joined}）。",
        )
        return found(clause, NOT_MET, text, **known)
    if facts.left_at is not None:
        # The moment itself lies outside: one that ended at 00:00, as with its plan, had the day before as its last.
        left_on = local_day(facts.left_at - timedelta(microseconds=1), rules.timezone)
        if facts.first_diagnosed_on > left_on:
            text = Text(
                "The first diagnosis on {diagnosed} came after the membership ended on {left}.",
                "初次确诊日（{diagnosed}）晚于退出日（{left}）。",
            )
            return found(clause, NOT_MET, text, left=left_on, **known)
    text = Text(
        "A member since {joined}, and on the day of first diagnosis, {diagnosed}.",
        "自{joined}起为成员，初次确诊日（{diagnosed}）仍为成员。",
    )
    return found(clause, MET, text, **known)


def condition_covered(facts: Facts, rules: PlanRules) -> Finding:
    """The plan covers the condition."""
    if not facts.icd10:
        return found("condition_covered", NOT_MET, Text("The diagnosis is not proven.", "诊断未获证实。"))
    condition = condition_for(rules, facts.icd10)
    icd10 = normalised(facts.icd10)
    if condition is not None and condition.asks is not None:
        return _disease_covered(facts, condition, condition.asks, icd10)
    if condition is None:
        text = Text("The plan covers no condition with the code {icd10}.", "代码{icd10}所示疾病不在互助范围内。")
        return found("condition_covered", NOT_MET, text, icd10=icd10)
    text = Text(
        "{icd10} is covered as: {title} (clause {plan_clause}).", "{icd10}属于互助范围：{title}（第{plan_clause}条）。"
    )
    return found(
        "condition_covered",
        MET,
        text,
        icd10=icd10,
        title=condition.title,
        condition=condition.code,
        plan_clause=condition.clause,
    )


def _disease_covered(facts: Facts, condition: CoveredCondition, question: DiseaseQuestion, icd10: str) -> Finding:
    """The clause where one code stands for several diseases: met only once it is known to be one that is covered."""
    clause = "condition_covered"
    known: dict[str, Value] = {"icd10": icd10, "condition": condition.code, "plan_clause": condition.clause}
    covered = [one.text for one in question.covered]
    known["covered"] = Text(", ".join(one.en for one in covered), "、".join(one.zh for one in covered))
    if facts.disease == "":
        text = Text(
            "{icd10} stands for several diseases, of which the plan covers {covered} (clause {plan_clause}). It is not "
            "proven which one it is.",
            "{icd10}对应多种疾病，本计划仅互助其中的{covered}（第{plan_clause}条）。未能证实属于哪一种。",
        )
        return found(clause, NOT_MET, text, **known)
    answer = question.answer(facts.disease)
    if answer is None:
        text = Text(
            "{icd10} stands for several diseases, of which the plan covers {covered} (clause {plan_clause}). Which one "
            "it is must be found: by the investigation, or by the professionals.",
            "{icd10}对应多种疾病，本计划仅互助其中的{covered}（第{plan_clause}条）。属于哪一种，须由调查或专业陪审员查明。",
        )
        return found(clause, UNKNOWN, text, **known)
    known |= {"disease": answer.code, "title": answer.text}
    text = (
        Text(
            "{icd10} is covered here as: {title} (clause {plan_clause}).",
            "{icd10}属于互助范围：{title}（第{plan_clause}条）。",
        )
        if answer.is_covered
        else Text(
            "{icd10} stands for several diseases, of which the plan covers {covered} (clause {plan_clause}). This one "
            "is not among them: {title}.",
            "{icd10}对应多种疾病，本计划仅互助其中的{covered}（第{plan_clause}条）。本件为{title}，不在互助范围内。",
        )
    )
    return found(clause, MET if answer.is_covered else NOT_MET, text, **known)


def severity(facts: Facts, rules: PlanRules) -> Finding:
    """The plan gives aid for the condition in this severity."""
    clause = "severity"
    condition = condition_for(rules, facts.icd10)
    words = _SEVERITY_WORDS.get(facts.severity, Text(facts.severity, facts.severity))
    if condition is None:
        text = Text("Cannot be judged: the condition is not covered.", "无法判断：该疾病不在互助范围内。")
        return found(clause, UNKNOWN, text, severity=facts.severity)
    if not facts.severity:
        text = Text("The severity of {title} is not proven.", "{title}的轻重程度未获证实。")
        return found(clause, NOT_MET, text, title=condition.title)
    is_paid = facts.severity in condition.severities and any(band.severity == facts.severity for band in rules.aid)
    text = (
        Text("{title} is covered in its {words} form.", "{title}的{words}在互助范围内。")
        if is_paid
        else Text("{title} is not covered in its {words} form.", "{title}的{words}不在互助范围内。")
    )
    return found(clause, MET if is_paid else NOT_MET, text, title=condition.title, words=words, severity=facts.severity)


def exclusion(facts: Facts, rules: PlanRules) -> Finding:
    """No exclusion takes the condition out in this severity."""
    if not facts.icd10 or (not facts.severity and any(exclusion_for(rules, facts.icd10, one) for one in SEVERITIES)):
        text = Text("Cannot be judged: diagnosis or severity is not proven.", "无法判断：诊断或轻重程度未获证实。")
        return found("exclusion", UNKNOWN, text)
    excluded = exclusion_for(rules, facts.icd10, facts.severity)
    icd10 = normalised(facts.icd10)
    if excluded is None:
        text = Text("No exclusion applies to {icd10}.", "{icd10}不属于除外病种。")
        return found("exclusion", MET, text, icd10=icd10)
    text = Text("Excluded by clause {plan_clause}: {title}.", "第{plan_clause}条除外：{title}。")
    return found("exclusion", NOT_MET, text, icd10=icd10, title=excluded.title, plan_clause=excluded.clause)


def age(facts: Facts, rules: PlanRules) -> Finding:
    """The plan gives aid for the age at first diagnosis; its values hold the amount."""
    clause = "age"
    born_on, diagnosed_on = facts.born_on, facts.first_diagnosed_on
    if born_on is None or diagnosed_on is None:
        return missing(clause)
    if diagnosed_on < born_on:
        text = Text("Cannot be judged: the days are not possible.", "无法判断：日期不合理。")
        return found(clause, UNKNOWN, text)
    years = completed_years(born_on, diagnosed_on)
    band = aid_for(rules, icd10=facts.icd10, severity=facts.severity, age_years=years, disease=facts.disease)
    if band is not None:
        minor, exponent = band.amount_minor, rules.currency_exponent
        amount = Text(
            format_minor(minor, rules.currency, exponent, "en"), format_minor(minor, rules.currency, exponent, "zh")
        )
        text = Text(
            "Aged {years} at first diagnosis: aid of {amount} (clause {plan_clause}).",
            "初次确诊时{years}周岁：互助金{amount}（第{plan_clause}条）。",
        )
        return found(clause, MET, text, years=years, amount=amount, amount_minor=minor, plan_clause=band.clause)
    if any(other.age_from <= years <= other.age_to for other in rules.aid):
        # Where the plan gives no aid for this severity at any age, or the illness does not have it, the reason is
        # another clause than the age.
        text = Text(
            "Aged {years} at first diagnosis, an age that the plan covers.", "初次确诊时{years}周岁，属互助年龄。"
        )
        is_of_no_age = not any(other.severity == facts.severity for other in rules.aid)
        if is_of_no_age or band_for(rules, years, facts.severity) is not None:
            return found(clause, MET, text, years=years)
    text = Text(
        "Aged {years} at first diagnosis: the plan gives no aid for this age.",
        "初次确诊时{years}周岁：不在互助年龄范围内。",
    )
    return found(clause, NOT_MET, text, years=years)


def waiting_period(facts: Facts, rules: PlanRules) -> Finding:
    """The first diagnosis came after the waiting period, or the illness from an accident."""
    clause = "waiting_period"
    started_at = facts.waiting_from or facts.joined_at
    if facts.first_diagnosed_on is None or started_at is None:
        return missing(clause)
    first_day = local_day(started_at, rules.timezone)
    number = day_number(first_day, facts.first_diagnosed_on)
    last_day = last_day_of(first_day, rules.waiting_days)
    known: dict[str, Value] = {"days": rules.waiting_days, "last_day": last_day, "number": number}
    # After a move without a new wait the sentence names the day from which the wait counts, not the day of joining.
    goes_on = facts.joined_at is not None and first_day < local_day(facts.joined_at, rules.timezone)
    if goes_on:
        known["first_day"] = first_day
    if number > rules.waiting_days:
        text = (
            Text(
                "The waiting period of {days} days goes on from the plan before, where it began on {first_day}, and "
                "ended on {last_day}; the first diagnosis came on day {number}.",
                "{days}天等待期自原计划的{first_day}起连续计算，于{last_day}届满，初次确诊为第{number}天。",
            )
            if goes_on
            else Text(
                "The waiting period of {days} days ended on {last_day}; the first diagnosis came on day {number}.",
                "{days}天等待期于{last_day}届满，初次确诊为第{number}天。",
            )
        )
        return found(clause, MET, text, **known)
    if facts.is_accident and rules.waiting_exempts_accident:
        text = Text(
            "The illness came from an accident, for which there is no waiting period.",
            "疾病由意外所致，不受等待期限制。",
        )
        return found(clause, MET, text, number=number)
    if number < 1:
        text = Text(
            "The first diagnosis on {diagnosed} came before the waiting period began on {first_day}.",
            "初次确诊日（{diagnosed}）早于等待期开始日（{first_day}）。",
        )
        return found(clause, NOT_MET, text, diagnosed=facts.first_diagnosed_on, first_day=first_day, number=number)
    text = (
        Text(
            "The first diagnosis came on day {number}, inside the waiting period of {days} days that goes on from the "
            "plan before, where it began on {first_day} (to {last_day}).",
            "初次确诊为第{number}天，在自原计划的{first_day}起连续计算的{days}天等待期内（至{last_day}）。",
        )
        if goes_on
        else Text(
            "The first diagnosis came on day {number}, inside the waiting period of {days} days (to {last_day}).",
            "初次确诊为第{number}天，在{days}天等待期内（至{last_day}）。",
        )
    )
    return found(clause, NOT_MET, text, **known)


def suspected_tumour(facts: Facts, rules: PlanRules) -> Finding:
    """No malignant tumour was suspected or treated inside the wait and then confirmed soon after it."""
    clause = "suspected_tumour"
    if rules.suspected_tumour_days is None:
        text = Text("These rules have no clause on suspected tumours.", "本版规则无疑似肿瘤条款。")
        return found(clause, MET, text)
    if not facts.icd10:
        text = Text("Cannot be judged: the diagnosis is not proven.", "无法判断：诊断未获证实。")
        return found(clause, UNKNOWN, text)
    if not any(contains(part, facts.icd10) for part in TUMOURS):
        text = Text("The clause on suspected tumours does not apply to {icd10}.", "疑似肿瘤条款不适用于{icd10}。")
        return found(clause, MET, text, icd10=normalised(facts.icd10))
    started_at = facts.waiting_from or facts.joined_at
    if facts.first_diagnosed_on is None or started_at is None:
        return missing(clause)
    wait_ends_on = last_day_of(local_day(started_at, rules.timezone), rules.waiting_days)
    number = days_after(wait_ends_on, facts.first_diagnosed_on)
    known: dict[str, Value] = {"wait_ends": wait_ends_on, "number": number, "days": rules.suspected_tumour_days}
    if number < 1:
        text = Text(
            "Confirmed before the end of the wait ({wait_ends}): the clause on the waiting period decides.",
            "于等待期届满（{wait_ends}）前确诊：适用等待期条款。",
        )
        return found(clause, MET, text, **known)
    if number > rules.suspected_tumour_days:
        text = Text(
            "Confirmed {number} days after the end of the wait ({wait_ends}), more than the {days} of the clause.",
            "于等待期届满（{wait_ends}）后第{number}天确诊，超过条款规定的{days}天。",
        )
        return found(clause, MET, text, **known)
    return _suspicion(facts, wait_ends_on, known)


def _suspicion(facts: Facts, wait_ends_on: date, known: dict[str, Value]) -> Finding:
    """Whether the tumour, confirmed soon after the wait, was suspected or treated before the wait ended."""
    clause = "suspected_tumour"
    if facts.suspected_on is None and not facts.is_suspicion_investigated:
        text = Text(
            "Confirmed within {days} days after the end of the wait ({wait_ends}): the investigation must find out "
            "whether the tumour was suspected or treated before.",
            "于等待期届满（{wait_ends}）后{days}天内确诊：须调查此前是否已疑似或治疗。",
        )
        return found(clause, NEEDS_FINDING, text, **known)
    if facts.suspected_on is None or facts.suspected_on > wait_ends_on:
        text = Text(
            "Nothing shows that the tumour was suspected or treated before the wait ended on {wait_ends}.",
            "无资料显示等待期届满（{wait_ends}）前已疑似或治疗肿瘤。",
        )
        return found(clause, MET, text, **known)
    text = Text(
        "Suspected or treated on {suspected}, before the wait ended on {wait_ends}, and confirmed within {days} days "
        "after it: joined while ill.",
        "于{suspected}已疑似或治疗，早于等待期届满（{wait_ends}），并于其后{days}天内确诊：视为带病加入。",
    )
    return found(clause, NOT_MET, text, suspected=facts.suspected_on, **known)


def apply_by(facts: Facts, rules: PlanRules) -> Finding:
    """The claim came in time after the first diagnosis."""
    clause = "apply_by"
    if facts.first_diagnosed_on is None:
        return missing(clause)
    submitted_on = local_day(facts.submitted_at, rules.timezone)
    number = days_after(facts.first_diagnosed_on, submitted_on)
    known: dict[str, Value] = {"number": number, "days": rules.apply_by_days, "submitted": submitted_on}
    if number > rules.apply_by_days:
        text = Text(
            "Claimed on {submitted}, {number} days after the first diagnosis; {days} are allowed.",
            "于{submitted}申请，距初次确诊{number}天，超过{days}天期限。",
        )
        return found(clause, NOT_MET, text, **known)
    if number < 0:
        text = Text("Cannot be judged: the days are not possible.", "无法判断：日期不合理。")
        return found(clause, UNKNOWN, text, **known)
    text = Text(
        "Claimed on {submitted}, {number} days after the first diagnosis, within the {days} allowed.",
        "于{submitted}申请，距初次确诊{number}天，未超过{days}天期限。",
    )
    return found(clause, MET, text, **known)
