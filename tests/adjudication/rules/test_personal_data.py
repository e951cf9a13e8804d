"""Whether a text for the jury names the claimant."""

from __future__ import annotations

import pytest

from adjudication.rules.personal_data import personal_data_in


def found(text: str, name: str = "", phone: str = "", id_number: str = "") -> list[str]:
    return personal_data_in(text, names=[name], phones=[phone], id_numbers=[id_number])


@pytest.mark.parametrize(
    ("text", "name", "gives_away"),
    [
        ("Wang Xiaoming was met.", "Wang Xiaoming", True),
        ("wang   xiaoming was met", "Wang Xiaoming", True),
        ("Xiaoming Wang was met", "Wang Xiaoming", True),
        ("WANGXIAOMING", "Wang Xiaoming", True),
        ("Xiaoming said so", "Wang Xiaoming", True),
        ("The member was met in Wangfujing.", "Wang Xiaoming", False),
        ("It took long, and the young patient waited.", "Long Young", False),
        ("Mr Long was met", "Long Young", True),
        ("王小明于五月确诊", "王小明", True),
        ("王 小 明 于五月确诊", "王小明", True),
        ("小明王于五月确诊", "王小明", True),
        ("患者小明 欧阳", "欧阳小明", True),
        ("诊断证明王女士已收到", "王明", False),
        ("Ito Maria Clara was met", "Maria Clara Ito", True),
        ("Clara Ito Maria was met", "Maria Clara Ito", True),
        ("王女士于五月确诊", "王小明", False),
        ("该成员于五月确诊", "王小明", False),
        ("ＷＡＮＧ Ｘｉａｏｍｉｎｇ", "Wang Xiaoming", True),
        ("Aaron697 was met", "Aaron697 Brekke496", True),
        ("", "Wang Xiaoming", False),
        ("anything", "", False),
        ("anything", " - ", False),
    ],
)
def test_names(text: str, name: str, gives_away: bool) -> None:
    assert found(text, name=name) == (["name"] if gives_away else [])


@pytest.mark.parametrize(
    ("text", "phone", "gives_away"),
    [
        ("Call 13800001111.", "13800001111", True),
        ("Call 138 0000-1111", "13800001111", True),
        ("Call 138-0000-1111", "+86 138 0000 1111", True),
        ("Call １３８００００１１１１", "13800001111", True),
        ("On 2019-05-14 the report came.", "13800001111", False),
        ("It cost 138 yuan in 0000 cases", "13800001111", False),
        ("anything 123", "123", False),
        ("anything", "", False),
    ],
)
def test_phones(text: str, phone: str, gives_away: bool) -> None:
    assert found(text, phone=phone) == (["phone"] if gives_away else [])


@pytest.mark.parametrize(
    ("text", "number", "gives_away"),
    [
        ("Number 31010119850517123X.", "31010119850517123X", True),
        ("Number 310101 19850517 123x", "31010119850517123X", True),
        ("Number 310101", "31010119850517123X", False),
        ("anything", "", False),
    ],
)
def test_identity_numbers(text: str, number: str, gives_away: bool) -> None:
    assert found(text, id_number=number) == (["id_number"] if gives_away else [])


def test_all_at_once() -> None:
    text = "王小明 13800001111 31010119850517123X"
    assert found(text, "王小明", "13800001111", "31010119850517123X") == ["name", "phone", "id_number"]
