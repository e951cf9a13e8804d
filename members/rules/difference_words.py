"""The words of differences between plan versions: what each field is called, and how its value is written."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from members.rules.plan_types import Text
from members.rules.plan_waits import HOLD_DAYS

NO_LIMIT = Text("no limit", "不限")
NONE_SAID = Text("none", "无")
HOLD_DAYS_UNSAID = Text(f"not said, so {HOLD_DAYS} days", f"未写明，按{HOLD_DAYS}天")

FIELDS: Mapping[str, tuple[Text, str]] = MappingProxyType(
    {
        "code": (Text("Code of the plan", "计划代码"), "plain"),
        "version": (Text("Version", "版本"), "plain"),
        "format": (Text("Format of the file", "文件格式"), "plain"),
        "revision": (Text("Revision of the file", "文件修订号"), "plain"),
        "starts_at": (Text("In force from", "生效时间"), "moment"),
        "timezone": (Text("Time zone", "时区"), "plain"),
        "currency": (Text("Currency", "货币"), "plain"),
        "currency_exponent": (Text("Decimals of the currency", "货币小数位数"), "plain"),
        "title": (Text("Title", "名称"), "text"),
        "summary": (Text("Summary", "概要"), "text"),
        "fee_bp": (Text("Management fee", "管理费"), "rate"),
        "case_cap_minor_per_head": (Text("Most for one claim and member", "每位成员对单个互助申请的封顶"), "amount"),
        "annual_cap_minor": (Text("Most for a member in a calendar year", "每位成员每个自然年的封顶"), "amount"),
        "share_unit_minor": (Text("Unit in which shares are charged", "分摊金的计收单位"), "amount"),
        "share_rounding": (Text("Rounding of a share", "分摊金的取整方式"), "word"),
        "sponsor.name": (Text("Sponsor", "发起方"), "text"),
        "sponsor.bears": (Text("Borne by the sponsor", "由发起方承担"), "words"),
        "waiting_days": (Text("Waiting period", "等待期"), "days"),
        "waiting_exempts_accident": (Text("Accidents covered while waiting", "等待期内意外所致可获互助"), "flag"),
        "suspected_tumour_days": (
            Text("Tumour suspected while waiting: confirmed within", "等待期内疑似肿瘤条款：届满后确诊期限"),
            "days_or_none",
        ),
        "apply_by_days": (Text("Time to claim", "申请期限"), "days"),
        "join.age_min_days": (Text("Youngest to join, in days", "最低加入年龄（天）"), "days"),
        "join.age_min_years": (Text("Youngest to join, in years", "最低加入年龄（周岁）"), "years"),
        "join.age_max_years": (Text("Oldest to join", "最高加入年龄"), "years"),
        "join.closed_from": (Text("Closed to new members from", "停止新成员加入时间"), "moment"),
        "free_joined_before": (Text("Free for a time if joined before", "限时免分摊：在此日前加入"), "day"),
        "free_until": (Text("Free for notices up to", "免分摊截止日"), "day"),
        "past_age.then": (Text("Members past the oldest age with aid", "超过最高互助年龄的成员"), "word"),
        "past_age.warn_days": (Text("Told before they reach it", "到龄前提醒"), "days"),
        "past_age.ends_after_days": (Text("Membership ends after it", "到龄后成员资格终止期限"), "days"),
        "past_age.senior_plan": (Text("Plan named to them", "告知可转入的计划"), "plain"),
        "calendar.notice_days": (Text("Notice days of each month", "每月公示日"), "list"),
        "calendar.charge_days": (Text("Charge days of each month", "每月分摊日"), "list"),
        "claims.failed_clause_rejects": (
            Text("A clause not met rejects by itself", "条款不符合即直接不予通过"),
            "flag",
        ),
        "claims.investigation_days": (Text("Time to investigate", "调查期限"), "days"),
        "claims.investigation_warning_days": (Text("Warning before its end", "期限届满前提醒"), "days"),
        "claims.binding": (Text("Clauses that bind", "具有约束力的条款"), "clauses"),
        "waits.take_days": (
            Text("Until a claim that nobody takes is assigned", "无人接案时指派调查员的期限"),
            "days_or_none",
        ),
        "waits.overdue_days": (
            Text("After its deadline, until an investigation is taken off", "逾期后改派调查的期限"),
            "days_or_none",
        ),
        "waits.returns_to_same": (
            Text("Returned reports before another investigator is needed", "须更换调查员的报告退回次数"),
            "number",
        ),
        "waits.hold_days": (Text("Until a hold lifts by itself", "暂缓自动解除的期限"), "days_of_hold"),
        "waits.decide_days": (Text("Until a decision is late", "作出决定的期限"), "days_or_none"),
        "waits.note_days": (Text("Until a note or a look is late", "处理说明事项的期限"), "days_or_none"),
        "waits.no_jurors_days": (
            Text("Without jurors, until the vote counts as hung", "无赔审员时视为未形成多数的期限"),
            "days_or_none",
        ),
        "waits.no_doctor_days": (
            Text("Without a doctor, until the opinion is inconclusive", "无医生时视为无法判断的期限"),
            "days_or_none",
        ),
        "jury.policy": (Text("Which claims go before a jury", "交赔审团审理的申请"), "word"),
        "jury.answer_days": (Text("Time to ask for the jury", "要求赔审的期限"), "days"),
        "jury.bench": (Text("Bench", "席位产生方式"), "word"),
        "jury.seats": (Text("Seats of a panel", "赔审团席位数"), "plain"),
        "jury.fresh_seats": (Text("Seats of a fresh panel", "另组赔审团的席位数"), "plain"),
        "jury.quorum": (Text("Ballots needed", "最低投票数"), "plain"),
        "jury.extension_hours": (Text("Longer vote if too few have voted", "投票不足时的延长"), "hours"),
        "jury.voting_hours": (Text("Time to vote", "投票时间"), "hours"),
        "jury.nonce_hours": (Text("Time for the applicant's word in the draw", "申请人为抽签提供字词的时间"), "hours"),
        "jury.min_age_years": (Text("Youngest juror", "赔审员最低年龄"), "years"),
        "jury.min_tenure_days": (Text("Membership before being a juror", "担任赔审员前的入会时间"), "days"),
        "jury.max_open_seats": (Text("Open hearings of one juror at most", "每位赔审员同时审理上限"), "plain"),
        "jury.lookup_limit": (Text("Pool numbers that a draw looks up", "每次抽签查找的号码上限"), "plain"),
        "opinions.triggers": (Text("Second opinion asked when", "征询二次意见的情形"), "words"),
        "opinions.thin_margin_ballots": (Text("A thin margin is, in ballots", "票数接近的票差"), "plain"),
        "opinions.medical_flags": (
            Text("Jurors who find it medical", "认为是医学问题的赔审员人数"),
            "plain",
        ),
        "opinions.aid_above_minor": (Text("Second opinion above an aid of", "超过此互助金即征询二次意见"), "amount"),
        "opinions.professionals": (Text("Professionals asked", "征询的专业人数"), "plain"),
        "opinions.sees_papers": (Text("Professionals read the medical papers", "专业陪审员可阅读医学材料"), "flag"),
        "opinions.hours": (Text("Time for a second opinion", "二次意见期限"), "hours"),
        "arrears_grace_days": (Text("Time to pay a share that failed", "扣款失败后的补缴期限"), "days"),
        "dissolution.below_members": (Text("Members needed to continue", "计划存续所需成员人数"), "number"),
        "dissolution.then": (Text("With fewer members", "成员人数不足时"), "word"),
        "dissolution.cover_months": (Text("Cover that goes on with fewer members", "成员人数不足后的保障期"), "months"),
        "dissolution.surplus_to": (Text("Surplus at the plan's end", "计划终止时的结余归属"), "word"),
        "dissolution.charity": (Text("Charity that receives it", "受赠的慈善组织"), "text"),
    }
)
"""Every field that is one value, by its path in the plan version: its name, and the kind of its value."""

LISTS: Mapping[str, tuple[Text, Text]] = MappingProxyType(
    {
        "join.health_questions": (Text("Health question", "健康告知问题"), Text("health questions", "健康告知问题")),
        "join.ways_in": (
            Text("Move from plan", "从其他计划转入"),
            Text("plans that members may come from", "可转入的来源计划"),
        ),
        "covered": (Text("Condition", "互助病种"), Text("conditions covered", "互助病种")),
        "excluded": (Text("Exclusion", "除外病种"), Text("exclusions", "除外病种")),
        "opinions.questions": (Text("Medical question", "医学问题"), Text("medical questions", "医学问题")),
        "reason_codes": (Text("Reason", "理由"), Text("reasons", "理由")),
        "aid": (Text("Aid", "互助金"), Text("amounts of aid", "互助金档次")),
    }
)
"""Every list: what one entry is called, and what all are."""

PARTS: Mapping[str, tuple[Text, str]] = MappingProxyType(
    {
        "text": (Text("wording", "文字"), "text"),
        "title": (Text("title", "名称"), "text"),
        "icd10": (Text("ICD-10", "ICD-10"), "list"),
        "severities": (Text("severity", "轻重程度"), "words"),
        "clause": (Text("clause", "条款"), "plain"),
        "allowed_answer": (Text("answer needed", "所需回答"), "flag"),
        "for_outcomes": (Text("given for", "适用于"), "words"),
        "amount_minor": (Text("amount", "金额"), "amount"),
        "kind": (Text("kind", "方式"), "word"),
        "age_from": (Text("youngest", "最低年龄"), "years"),
        "age_to": (Text("oldest", "最高年龄"), "years"),
        "asks_health": (Text("health statement asked again", "重新健康告知"), "flag"),
        "counts_wait": (Text("wait served so far counts", "已满等待期计入"), "flag"),
        "asks": (Text("diseases of the code told apart", "同一编码下的病种区分"), "diseases"),
        "bears_on": (Text("what the answer bears on", "答复所涉事项"), "word"),
    }
)
"""The fields of one entry of a list."""

WORDS: Mapping[str, Text] = MappingProxyType(
    {
        "up": Text("every started unit is charged", "不足一单位的按一单位计收"),
        "case_cap_excess": Text("what exceeds the cap of a case", "超出单案封顶的部分"),
        "annual_cap_excess": Text("what exceeds the year's cap", "超出年度封顶的部分"),
        "gifts": Text("the shares of gifted members", "赠送成员的分摊金"),
        "refunds": Text("refunds for illness inside the wait", "等待期内患病的退款"),
        "written_off": Text("shares that are never collected", "无法收取的分摊金"),
        "after_dissolution": Text("aid once the plan has ended", "计划终止后的互助金"),
        "dissolves": Text("the plan ends", "计划终止"),
        "continues": Text("the plan goes on for a time, then ends", "计划继续一段时间后终止"),
        "members": Text("to the members, equally", "平均归成员"),
        "sponsor": Text("to the sponsor", "归发起方"),
        "charity": Text("to a charity", "归慈善组织"),
        "ends": Text("the membership ends", "成员资格终止"),
        "stays": Text("the membership goes on without cover", "成员资格保留，但不再享有互助"),
        "upgrade": Text("upgrade", "升级"),
        "transfer": Text("transfer", "转入"),
        "mild": Text("mild", "轻症"),
        "severe": Text("severe", "重症"),
        "all": Text("every claim", "每件申请"),
        "disputed": Text("those that the applicant disputes", "申请人不认可调查报告的"),
        "drawn": Text("drawn by lot", "抽签产生"),
        "open": Text("open to every qualified juror", "向所有合格的赔审员开放"),
        "always": Text("always", "一律征询"),
        "opposes_investigator": Text("the verdict opposes the investigator", "裁决与调查员的意见相反"),
        "thin_margin": Text("the margin is thin", "票数接近"),
        "medical_flags": Text("enough jurors call it a medical question", "达到一定人数的赔审员认为是医学问题"),
        "aid_above": Text("the aid is above a limit", "互助金超过限额"),
        "support": Text("for the claim", "支持申请"),
        "against": Text("against the claim", "反对申请"),
        "hung": Text("no majority", "未形成多数"),
        "confirmed": Text("confirmed", "已确认"),
        "not_confirmed": Text("not confirmed", "未确认"),
        "inconclusive": Text("inconclusive", "无法判断"),
        "condition_covered": Text("the condition", "病种"),
        "severity": Text("its severity", "轻重程度"),
        "suspected_tumour": Text("whether a tumour was suspected", "肿瘤是否疑似"),
        "health_statement": Text("the health statement", "健康告知"),
        "first_diagnosis": Text("the day of first diagnosis", "初次确诊日"),
        "accident": Text("whether an accident was the cause", "是否意外所致"),
        "approved": Text("approved", "已通过"),
        "rejected": Text("rejected", "未通过"),
        "fresh_panel": Text("a fresh panel", "另组赔审团"),
        "reinvestigate": Text("back to investigation, once", "退回补充调查（限一次）"),
    }
)
"""The words of a plan file in both languages."""
