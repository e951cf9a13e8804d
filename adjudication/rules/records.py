"""Which diagnoses of a medical record can be claimed, on which days, and whether a patient is who is known."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from members.codes import icd10 as icd10_codes
from members.codes import snomed
from members.rules.dates import start_of_day
from members.rules.icd10_ranges import bounds, is_written_as_code, normalised
from members.rules.plans import PlanRules, condition_for

SNOMED_SYSTEM = "http://snomed.info/sct"
DAYS_FROM_DIAGNOSIS_TO_CLAIM = 30
"""A moved record's first covered illness lies this many days before the import."""

_SNOMED_SYSTEMS = (SNOMED_SYSTEM, "urn:oid:2.16.840.1.113883.6.96")
_WHO = re.compile(r"(.*/)?icd-?10|http://id\.who\.int/icd/release/10/[0-9]{4}|urn:oid:2\.16\.840\.1\.113883\.6\.3")
_EDITIONS = re.compile(
    r"(.*[/:])?icd-?10-?[a-z]{2,4}(-?[0-9]+)?(/[0-9]{4})?|.*14396.*"
    # ICD-10-CM, -AM, -CA; -GM of the years
    r"|urn:oid:2\.16\.840\.1\.113883\.6\.(90|135|260)|urn:oid:1\.2\.276\.0\.76\.5\.[0-9]+"
)
_PROCEDURES = re.compile(r".*(icd-?10-?pcs|cms\.gov).*|urn:oid:2\.16\.840\.1\.113883\.6\.4")
_INJURIES = "ST"
_ACCIDENTS = "STVWXY"
_LENGTH_WITH_ENCOUNTER = 7
"""ICD-10-CM says in the seventh place of an injury which visit it is: S is for what an old one left behind."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One diagnosis of a record as it was recorded, in ICD-10."""

    resource_id: str
    on: dt.date
    icd10: str
    severity: str
    is_accident: bool
    condition: str
    """The plan's covered condition."""
    given: str = ""
    """The code as the hospital wrote it, where it is another one than `icd10`."""


@dataclass(frozen=True, slots=True)
class Coded:
    """What one coding stands for."""

    icd10: str
    severity: str
    is_accident: bool
    given: str = ""
    is_whole: bool = True
    """False where a national edition divides this code further: it then says less than the coding did."""


def diagnosis_of(
    resource_id: str,
    codes: tuple[tuple[str, str, str], ...],
    verification: str,
    on: dt.date | None,
    rules: PlanRules,
) -> Diagnosis | str:
    """The claimable diagnosis, or the reason why there is none, in words.

    Only what is plainly `confirmed` is one. Codings that stand for illnesses which the plan treats differently give
    none, in whatever order they come.
    """
    if verification != "confirmed":
        return f"the diagnosis is {verification}, not confirmed"
    if on is None:
        return "it gives no day of onset"
    found = _coded(codes)
    if isinstance(found, str):
        return found
    conditions = [condition_for(rules, one.icd10) for one in found]
    if len({one.code if one else "" for one in conditions}) > 1:
        return f"its codings stand for different illnesses ({', '.join(sorted({one.icd10 for one in found}))})"
    coded, condition = found[0], conditions[0]
    if not coded.is_whole and _is_divided(rules, coded.icd10):
        return f"of {coded.given} only {coded.icd10} is known here, which {rules.code} {rules.version} divides further"
    if condition is None:
        title = icd10_codes.title(coded.icd10)
        return f"{coded.icd10} ({title}) is not covered by {rules.code} {rules.version}"
    severity = coded.severity if coded.severity in condition.severities else condition.severities[0]
    return Diagnosis(resource_id, on, coded.icd10, severity, coded.is_accident, condition.code, coded.given)


def _is_divided(rules: PlanRules, code: str) -> bool:
    """Whether the plan says something of a part of a code that it does not say of the whole."""
    bare = code.replace(".", "")
    ends = [found for one in (*rules.covered, *rules.excluded) for part in one.icd10 if (found := bounds(part))]
    return any(len(first) > len(bare) and first[: len(bare)] <= bare <= last[: len(bare)] for first, last in ends)


def _coded(codes: tuple[tuple[str, str, str], ...]) -> list[Coded] | str:
    """What the codings stand for, the most precise first; otherwise why none is known."""
    found: list[Coded] = []
    reasons = []
    for system, code, display in codes:
        one = coding_of(system, code, display)
        if isinstance(one, Coded):
            found.append(one)
        elif one.endswith(_NO_ILLNESS):
            return one.removesuffix(_NO_ILLNESS)
        else:
            reasons.append(one)
    if found:
        return sorted(found, key=lambda one: (not one.is_whole, -len(one.icd10), one.icd10, one.given))
    return next((reason for reason in reasons if reason), "it has no SNOMED or ICD-10 code")


_NO_ILLNESS = "\0"
"""Marks a reason that holds whatever other codings say."""


def coding_of(system: str, code: str, display: str) -> Coded | str:
    """What a coding stands for, decided on its normalised system and code; otherwise why that is not known."""
    system = system.strip().partition("|")[0].rstrip("/").lower()
    code = unicodedata.normalize("NFKC", code).strip()
    if system in _SNOMED_SYSTEMS or system.startswith(f"{SNOMED_SYSTEM}/"):
        return _from_snomed(code, display)
    if _PROCEDURES.fullmatch(system):
        return f"{code} is a procedure, no diagnosis"
    if _WHO.fullmatch(system) or _EDITIONS.fullmatch(system):
        return _from_icd10(code, is_of_edition=_WHO.fullmatch(system) is None)
    return f"{code} of {system} is not known here: SNOMED CT or ICD-10 is needed" if "icd" in system else ""


def _from_snomed(code: str, display: str) -> Coded | str:
    known = snomed.look_up(code)
    if known is None:
        return f"SNOMED {code} ({display}) has no ICD-10 code in the table yet: it is not known here"
    if known.icd10 is None:
        return f"SNOMED {code} ({known.display}): {known.reason.en if known.reason else 'no diagnosis'}{_NO_ILLNESS}"
    return Coded(known.icd10, known.severity or "severe", known.is_injury)


def _from_icd10(code: str, *, is_of_edition: bool) -> Coded | str:
    known = icd10_codes.known(code, is_of_edition=is_of_edition)
    if known is None:
        why = "" if is_written_as_code(code) else ": it is not written as one code of ICD-10"
        return f"{code} is not known here{why}"
    bare = normalised(code).replace(".", "")
    if len(bare) == _LENGTH_WITH_ENCOUNTER and bare.endswith("S") and bare[0] in _INJURIES:
        return f"{code} is what an old injury left behind, not the injury{_NO_ILLNESS}"
    given = code if normalised(code) != known.code else ""
    return Coded(known.code, "severe", known.code[0] in _ACCIDENTS, given, known.is_whole)


def first_occurrences(diagnoses: list[Diagnosis]) -> tuple[list[Diagnosis], list[Diagnosis]]:
    """The first of each covered condition by day, and the later ones."""
    first: dict[str, Diagnosis] = {}
    later: list[Diagnosis] = []
    for diagnosis in sorted(diagnoses, key=lambda one: (one.on, one.resource_id)):
        if diagnosis.condition in first:
            later.append(diagnosis)
        else:
            first[diagnosis.condition] = diagnosis
    return list(first.values()), later


def days_to_move(anchor_on: dt.date, imported_on: dt.date, apply_by_days: int) -> int:
    """How many days a record is moved forward, all its days alike; 0 where a claim can still be made as recorded."""
    if 0 <= (imported_on - anchor_on).days <= apply_by_days:
        return 0
    return (imported_on - dt.timedelta(days=DAYS_FROM_DIAGNOSIS_TO_CLAIM) - anchor_on).days


def joining_moment(versions: Sequence[PlanRules], born_on: dt.date) -> dt.datetime:
    """The first moment at which somebody is old enough for the version then in force; `versions` oldest first.

    From the last version's youngest age on where no earlier one takes them. An age in years is completed on the
    birthday, and by somebody born on 29 February on 1 March. Raises OverflowError beyond the calendar.
    """
    for number, rules in enumerate(versions):
        join = rules.join
        old_enough_on = max(born_on + dt.timedelta(days=join.age_min_days), _birthday(born_on, join.age_min_years))
        moment = max(rules.starts_at, start_of_day(old_enough_on, rules.timezone))
        if number + 1 == len(versions) or moment < versions[number + 1].starts_at:
            return moment
    raise ValueError("a plan without versions takes nobody")


def _birthday(born_on: dt.date, years: int) -> dt.date:
    try:
        return born_on.replace(year=born_on.year + years)
    except ValueError:
        return dt.date(born_on.year + years, 3, 1)


def contradictions(
    names: Collection[str], sex: str, born: str, other_names: Collection[str], other_sex: str, other_born: str
) -> str:
    """In which of name, sex and date of birth two descriptions cannot be of one person, in words; empty for none.

    What one of them does not say contradicts nothing. Names may be written in any order, and one may leave out middle
    names; `born` is a day or the beginning of one (`1985`, `1985-05`).
    """
    found = []
    if names and other_names and not any(_is_same_name(one, other) for one in names for other in other_names):
        found.append("name")
    if {sex, other_sex} <= {"female", "male", "other"} and sex != other_sex:
        found.append("sex")
    if not (born.startswith(other_born) or other_born.startswith(born)):
        found.append("date of birth")
    return " and ".join(found)


def _is_same_name(one: str, other: str) -> bool:
    left, right = _parts(one), _parts(other)
    if left == right:
        return True
    smaller, larger = sorted((set(left), set(right)), key=len)
    return len(smaller) > 1 and smaller <= larger


def _parts(name: str) -> list[str]:
    """The words of a name in one order; of a Chinese one, which is written with and without blanks, its characters."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", name).casefold())
    if any("\u3400" <= letter <= "\u9fff" for letter in name):
        return sorted("".join(words))
    return sorted(words)
