"""What an opinion means for a claim once its facts are known."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from adjudication.rules.facts import SUBJECTS
from members.rules.plan_types import Question
from members.rules.verdicts import Opinion


def opinion_on_facts(
    conclusion: Opinion,
    answers: Mapping[str, Opinion],
    questions: Collection[Question],
    found: Collection[str],
    *,
    is_payable: bool,
) -> Opinion:
    """The conclusion of a closed opinion, with the facts that its majority found.

    A question answered with no, or not at all, is settled where the majority found the fact that it is about: the other
    value stands in its place. With every question confirmed or settled the opinion is *confirmed*, if the claim is
    payable on the facts found, and otherwise *not confirmed*. A no that no fact explains stays a no.
    """
    if not found or not questions:
        return conclusion
    left = {
        answers.get(question.code, Opinion.INCONCLUSIVE)
        for question in questions
        if not (question.bears_on and SUBJECTS[question.bears_on] in found)
    } - {Opinion.CONFIRMED}
    if Opinion.NOT_CONFIRMED in left:
        return Opinion.NOT_CONFIRMED
    if left:
        return Opinion.INCONCLUSIVE
    return Opinion.CONFIRMED if is_payable else Opinion.NOT_CONFIRMED
