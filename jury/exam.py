"""The exam for jurors: five questions about the procedure, in both languages, each with its explanation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from members.rules.plans import Text


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the answers offered."""

    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class ExamQuestion:
    """A question, the answers offered, the right one, and why it is right."""

    code: str
    text: Text
    answers: tuple[Answer, ...]
    right: str
    explanation: Text


QUESTIONS: tuple[ExamQuestion, ...] = (
    ExamQuestion(
        code="what_counts",
        text=Text("What do you judge a claim by?", "您依据什么评判一件互助申请？"),
        answers=(
            Answer("file", Text("The case file and the plan's published rules", "案卷和本计划公布的规则")),
            Answer("need", Text("How much the family needs the money", "这个家庭多么需要这笔钱")),
            Answer("share", Text("How much your own share would rise", "自己的分摊金会增加多少")),
        ),
        right="file",
        explanation=Text(
            "All jurors see the same file. The rules say what is covered; need and cost are not among the clauses.",
            "所有赔审员看到的是同一份案卷。规则写明互助范围，经济困难与分摊多少都不是条款。",
        ),
    ),
    ExamQuestion(
        code="knowing_somebody",
        text=Text(
            "You think that you know the person the case is about. What do you do?",
            "您觉得自己认识案中的当事人，怎么办？",
        ),
        answers=(
            Answer("vote", Text("Vote, and say so in your own words", "照常投票，并在意见中说明")),
            Answer("step_down", Text("Step down; another juror is drawn", "退席，由系统另抽一位赔审员")),
            Answer("ask", Text("Ask the person before voting", "先向本人了解情况再投票")),
        ),
        right="step_down",
        explanation=Text(
            "Anyone who is close to a case must not judge it. You may step down at any time before the close, and "
            "nothing is held against you.",
            "与案件有关系的人不得评判。投票截止前可以随时退席，不会因此受到任何影响。",
        ),
    ),
    ExamQuestion(
        code="secrecy",
        text=Text("Who can see how you voted before the vote closes?", "投票截止之前，谁能看到您投了什么？"),
        answers=(
            Answer("staff", Text("The staff of the plan", "计划的工作人员")),
            Answer("jurors", Text("The other jurors", "其他赔审员")),
            Answer("nobody", Text("Nobody", "任何人都看不到")),
        ),
        right="nobody",
        explanation=Text(
            "Your ballot is sealed when you cast it and opened only in the close. Nobody sees a running count.",
            "选票在投出时即被密封，截止时才开启。任何人都看不到中途的票数。",
        ),
    ),
    ExamQuestion(
        code="medical",
        text=Text(
            "The case turns on a medical question that you can't answer. What do you do?",
            "案件的关键是一个您无法回答的医学问题，怎么办？",
        ),
        answers=(
            Answer("support", Text("Support the claim, to be safe", "为稳妥起见，支持申请")),
            Answer(
                "mark",
                Text(
                    "Vote as you see it, and mark that it is a medical question", "按自己的看法投票，并标明这是医学问题"
                ),
            ),
            Answer("search", Text("Show the file to a doctor you know", "把案卷给认识的医生看")),
        ),
        right="mark",
        explanation=Text(
            "When enough jurors mark it, doctors give a second opinion on the medical question. The file must not "
            "leave the jury.",
            "标明的赔审员达到一定人数时，由医生就医学问题给出二次意见。案卷不得外传。",
        ),
    ),
    ExamQuestion(
        code="changing",
        text=Text("May you change your ballot?", "投出的选票可以更改吗？"),
        answers=(
            Answer("until_close", Text("Yes, until the close; the last one counts", "可以，截止前以最后一次为准")),
            Answer("never", Text("No, never", "不可以")),
            Answer("after", Text("Yes, also after the close, with a reason", "可以，截止后说明理由也能改")),
        ),
        right="until_close",
        explanation=Text(
            "You may vote again until the vote closes. After that, nobody can add or change anything.",
            "截止之前可以重新投票。截止之后，任何人都不能增加或更改选票。",
        ),
    ),
)


def wrong_answers(answers: Mapping[str, str]) -> tuple[str, ...]:
    """The codes of the questions answered wrongly or not at all."""
    return tuple(question.code for question in QUESTIONS if answers.get(question.code) != question.right)
