"""Invented people: names combined from short lists, always the same ones for the same day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from members.models.people import Sex

_FAMILY_ZH = "林陈黄吴周徐孙马朱胡郭何高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭"
_GIVEN_ZH = {
    Sex.FEMALE: (
        "雅文",
        "思雨",
        "晓梅",
        "佳怡",
        "静云",
        "欣然",
        "雨桐",
        "美玲",
        "若兰",
        "秋月",
        "丽华",
        "诗涵",
        "婉清",
    ),
    Sex.MALE: ("志远", "建国", "浩然", "子轩", "明辉", "俊杰", "文博", "海涛", "立新", "国强", "天宇", "家豪", "永康"),
}
_FAMILY_EN = ("Abbott", "Barlow", "Carver", "Denholm", "Ellery", "Fairfax", "Garland", "Hartley", "Ingram", "Jessop")
_GIVEN_EN = {
    Sex.FEMALE: ("Ada", "Beatrice", "Clara", "Dora", "Edith", "Flora", "Grace", "Hazel", "Iris", "Joan", "Kate"),
    Sex.MALE: ("Alan", "Basil", "Colin", "Duncan", "Ewan", "Frank", "Giles", "Hugh", "Ivor", "Jack", "Keith"),
}
_STREETS = ("Harbour Road", "Mill Lane", "Orchard Street", "Station Road", "Temple Street", "Willow Lane", "Garden Row")
_TOWNS = ("Lower Ashby", "Newbridge", "Qinghe", "Lanxi", "Beihu", "Westmere", "Dongling")
_EMPLOYERS = ("Beihu Textiles", "Lanxi Post", "Newbridge School", "Qinghe Rail", "Westmere Foods", "Dongling Glass")
_STEP = 7919
"""A prime, so that stepping by it visits every combination before one comes again."""
_FAMILY_EVERY = 4
_CHILD_EVERY = 8


@dataclass(frozen=True)
class Invented:
    """One person who does not exist, and when they joined. `pays_for` counts back to the payer; 0: themselves."""

    number: int
    name: str
    sex: str
    born_on: dt.date
    phone: str
    address: str
    employer: str
    joined_days_ago: int
    payer_back: int


def invented_people(count: int, today: dt.date) -> Iterator[Invented]:
    """`count` people, ages as seen from `today`: every fourth is family of the one before, every eighth a child."""
    for number in range(count):
        is_family = number % _FAMILY_EVERY == _FAMILY_EVERY - 1
        is_child = number % _CHILD_EVERY == _CHILD_EVERY - 1
        household = number - 1 if is_family else number
        sex = Sex.FEMALE if (number * 5 // 3) % 2 else Sex.MALE
        yield Invented(
            number=number,
            name=_name(number, household, sex, shares_family_name=is_child),
            sex=sex,
            born_on=_born_on(number, today, is_child=is_child),
            phone=f"1390{number * _STEP % 10_000_000:07d}",
            address=_address(household),
            employer="" if is_child else _EMPLOYERS[number * _STEP % 97 % len(_EMPLOYERS)] + f" {number % 211}",
            joined_days_ago=40 + number * _STEP % 860,
            payer_back=1 if is_family else 0,
        )


def _name(number: int, household: int, sex: Sex, *, shares_family_name: bool) -> str:
    family = household if shares_family_name else number
    step = number * _STEP
    # Who pays and their child are both named in one language, since they share a family name.
    if household % 5 == 0:
        return f"{_GIVEN_EN[sex][step % 11]} {_FAMILY_EN[family * _STEP // 7 % 10]}"
    return _FAMILY_ZH[family * _STEP % len(_FAMILY_ZH)] + _GIVEN_ZH[sex][step // 53 % 13]


def _born_on(number: int, today: dt.date, *, is_child: bool) -> dt.date:
    age_days = 365 * 3 + number * _STEP % (365 * 12) if is_child else 365 * 22 + number * _STEP % (365 * 34)
    return today - dt.timedelta(days=age_days)


def _address(household: int) -> str:
    step = household * _STEP
    return f"{1 + step % 180} {_STREETS[step % 7]}, {_TOWNS[step // 7 % 7]}, flat {household}"
