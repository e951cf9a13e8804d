"""What a plan says of the illnesses that somebody looks for by name or code."""

from __future__ import annotations

from dataclasses import dataclass

from members.codes import icd10
from members.rules.plans import Cover, PlanRules, cover_of

MOST_FOUND = 10
_MOST_LOOKED_AT = 200


@dataclass(frozen=True)
class Illness:
    """An ICD-10 code with its title, and what the plan says of it."""

    code: str
    title: str
    cover: Cover


def illnesses_found(words: str, rules: PlanRules, language: str | None) -> list[Illness]:
    """The first illnesses whose name or code somebody may mean, each with its cover; none for no words.

    A subdivision of a category that was found, with the same cover, would only repeat it and is left out.
    """
    found: dict[str, Illness] = {}
    for one in icd10.search(words, _MOST_LOOKED_AT, language):
        illness = Illness(one.code, one.title, cover_of(rules, one.code))
        category = found.get(one.code[:3])
        if category is None or category.cover != illness.cover:
            found[one.code] = illness
        if len(found) == MOST_FOUND:
            break
    return list(found.values())
