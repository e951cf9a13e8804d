"""The applicant's own account without the people in it: what is replaced by role words, and what an investigator may
still leave out.

Only replacing is possible, never rewriting: the words that jurors read are the applicant's own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import permutations


class Role(StrEnum):
    """Whom or what a role word stands for."""

    MEMBER = "member"
    PAYER = "payer"
    FILER = "filer"
    DOCTOR = "doctor"
    HOSPITAL = "hospital"
    ADDRESS = "address"
    NUMBER = "number"
    MAIL = "mail"
    LEFT_OUT = "left_out"


ROLE_WORDS: dict[Role, tuple[str, str]] = {
    Role.MEMBER: ("[the member]", "〔会员〕"),
    Role.PAYER: ("[the payer]", "〔缴费人〕"),
    Role.FILER: ("[who filed the claim]", "〔申请人〕"),
    Role.DOCTOR: ("[the doctor]", "〔医生〕"),
    Role.HOSPITAL: ("[the hospital]", "〔医院〕"),
    Role.ADDRESS: ("[an address]", "〔地址〕"),
    Role.NUMBER: ("[a number]", "〔号码〕"),
    Role.MAIL: ("[an e-mail address]", "〔邮箱〕"),
    Role.LEFT_OUT: ("[left out]", "〔略〕"),
}
"""In the language of the account, English and Chinese: the text is the applicant's, and is not translated."""

_SHORTEST_NAME_PART = 4
_SHORTEST_NUMBER = 6
_SHORTEST_PLACE = 6
_LOCAL_PHONE_DIGITS = 8
_MOST_PARTS_IN_ANY_ORDER = 4
_LONGEST_FAMILY_NAME = 2
_GAP = r"[\s·.,'-]*"
_FAMILY_NAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏"
    "韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_DOCTORS = re.compile(
    r"(?<!\w)(?:[Dd]r|[Dd]octor|[Pp]rof|[Pp]rofessor|[Nn]urse)\.?\s+[A-Z][\w'’-]*(?:\s+[A-Z][\w'’-]*)*"
    rf"|[{_FAMILY_NAMES}][\u4e00-\u9fff]{{0,2}}?(?:主任医师|医生|大夫|医师|主任|教授|护士)"
)
_NUMBERS = re.compile(
    r"(?P<day>(?<!\d)(?:\d{4}(?:[-./]\d{1,2}[-./]|年\d{1,2}月)\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4})(?!\d))"
    r"|(?P<number>(?<![A-Za-z0-9.])\+?\(?\d(?:[\s()./-]{0,2}\d){6,}[Xx]?)"
)
_MAILS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_TOKENS = re.compile("|".join(re.escape(word) for pair in ROLE_WORDS.values() for word in pair))


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A person of the claim, with what would tell jurors who it is; what is not known is empty."""

    role: Role
    name: str
    phone: str = ""
    id_number: str = ""
    address: str = ""


def masked_account(text: str, people: Sequence[Known], hospital: str = "") -> str:
    """The text with names, phones, identity numbers and addresses of these people, hospitals and doctors replaced.

    What looks like a phone, an identity number or a mail address is replaced in every case; days are left. A first
    proposal: a person reads it before anybody else does.
    """
    plain = _same_length(text)
    found = sorted(_spans(plain, people, hospital), key=lambda span: (span[0], -span[1]))
    is_chinese = sum(map(_is_ideograph, text)) > sum(one.isascii() and one.isalpha() for one in text)
    written, at = [], 0
    for start, end, role in found:
        if start < at:
            continue
        written += [text[at:start], ROLE_WORDS[role][is_chinese]]
        at = end
    return "".join([*written, text[at:]])


def only_leaves_out(original: str, masked: str) -> bool:
    """Whether a text is the original with some of its words replaced by role words, and nothing else changed.

    Line ends and spaces around it do not matter. An empty text is none.
    """
    original, masked = tidy(original), tidy(masked)
    pieces = _TOKENS.split(masked)
    if not masked or (len(pieces) == 1 and masked != original):
        return False
    if len(pieces) == 1:
        return True
    first, *middle, last = pieces
    if not original.startswith(first) or not original.endswith(last) or len(first) + len(last) > len(original):
        return False
    at, end = len(first), len(original) - len(last)
    for piece in middle:
        found = original.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def tidy(text: str) -> str:
    """The text as it is stored: one kind of line end, no spaces around it."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


_Span = tuple[int, int, Role]


def _spans(plain: str, people: Sequence[Known], hospital: str) -> Iterator[_Span]:
    for person in people:
        for pattern in _name_patterns(person.name):
            yield from _found(pattern, plain, person.role)
        for place in _places(person.address):
            yield from _found(re.compile(place, re.IGNORECASE), plain, Role.ADDRESS)
        for number in (_digits(person.phone)[-_LOCAL_PHONE_DIGITS:], person.id_number):
            wanted = [character for character in _same_length(number) if character.isalnum()]
            if len(wanted) >= _SHORTEST_NUMBER:
                pattern = re.compile(r"[\s()./-]*".join(map(re.escape, wanted)), re.IGNORECASE)
                yield from _found(pattern, plain, Role.NUMBER)
    for place in _places(hospital):
        yield from _found(re.compile(place, re.IGNORECASE), plain, Role.HOSPITAL)
    yield from _found(_DOCTORS, plain, Role.DOCTOR)
    yield from _found(_MAILS, plain, Role.MAIL)
    for match in _NUMBERS.finditer(plain):
        if match["number"]:
            yield match.start(), match.end(), Role.NUMBER


def _found(pattern: re.Pattern[str], plain: str, role: Role) -> Iterator[_Span]:
    return ((match.start(), match.end(), role) for match in pattern.finditer(plain) if match.end() > match.start())


def _name_patterns(name: str) -> Iterator[re.Pattern[str]]:
    """The whole name in any order, however it is spaced, and each longer part of it as a capitalised word."""
    plain = _same_length(name)
    if any(map(_is_ideograph, plain)):
        joined = "".join(character for character in plain if character.isalnum())
        turns = range(_LONGEST_FAMILY_NAME + 1) if len(joined) > _LONGEST_FAMILY_NAME else (0,)
        for turned in (joined[turn:] + joined[:turn] for turn in turns):
            yield re.compile(_GAP.join(map(re.escape, turned)), re.IGNORECASE)
        return
    parts = re.findall(r"[^\W_]+", plain)
    if not parts:
        return
    orders = permutations(parts) if len(parts) <= _MOST_PARTS_IN_ANY_ORDER else (parts, parts[::-1])
    for order in orders:
        yield _word(_GAP.join(map(re.escape, order)), re.IGNORECASE)
    for part in parts:
        if len(part) >= _SHORTEST_NAME_PART:
            yield _word(re.escape(part), 0)


def _word(pattern: str, flags: int) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_]){pattern}(?![^\W_])", flags)


def _places(place: str) -> Iterator[str]:
    """A place and the parts of it between commas that are long enough to be nobody else's words."""
    for part in (place, *re.split(r"[,;，；、\n]+", place)):
        letters = [re.escape(character) for character in _same_length(part) if not character.isspace()]
        shortest = _SHORTEST_PLACE - 2 if any(map(_is_ideograph, part)) else _SHORTEST_PLACE
        if len(letters) >= shortest:
            yield r"\s*".join(letters)


def _same_length(text: str) -> str:
    """The text with wide letters and digits made plain, character by character, so that places in it stay places."""
    plain = (unicodedata.normalize("NFKC", character) for character in text)
    return "".join(one if len(one) == 1 else character for one, character in zip(plain, text, strict=True))


def _digits(text: str) -> str:
    return "".join(character for character in _same_length(text) if character.isdigit())


def _is_ideograph(character: str) -> bool:
    return "\u3400" <= character <= "\u9fff"
