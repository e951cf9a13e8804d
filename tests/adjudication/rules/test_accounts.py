"""The applicant's account without the people in it, and what an investigator may do to it."""

from __future__ import annotations

import pytest

from adjudication.rules.accounts import Known, Role, masked_account, only_leaves_out
from adjudication.rules.personal_data import personal_data_in

WANG = Known(
    role=Role.MEMBER,
    name="Wang Xiaoming",
    phone="+86 138 0013 8000",
    id_number="11010519850517001X",
    address="8 Huaihai Road, Shanghai 200021",
)
MOTHER = Known(role=Role.PAYER, name="陈美丽", phone="13900001111", address="上海市淮海中路8号")


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("I am Wang Xiaoming.", "I am [the member]."),
        ("Xiaoming, WANG was ill", "[the member] was ill"),
        ("Xiaoming felt a lump", "[the member] felt a lump"),
        ("I have been swimming a long time", "I have been swimming a long time"),
        ("Call 138-0013-8000 or 0086 13800138000", "Call [a number] or [a number]"),
        ("My number: 110105 19850517 001x.", "My number: [a number]."),
        ("I live at 8 Huaihai road,Shanghai 200021", "I live at [an address]"),
        ("at 8 Huaihai Road since 2019", "at [an address] since 2019"),
        ("Dr. Li Wei said so, doctor Smith too", "[the doctor] said so, [the doctor] too"),
        ("Ruijin  hospital took me in", "[the hospital] took me in"),
        ("write to xm.wang@example.com please", "write to [an e-mail address] please"),
        ("On 2019-05-14 and 14.5.2019 I paid 1,200,000", "On 2019-05-14 and 14.5.2019 I paid 1,200,000"),
        ("Mother 陈 美 丽 paid", "Mother [the payer] paid"),
        ("我妈妈陈美丽陪我去,王医生说是肿瘤", "我妈妈〔缴费人〕陪我去,〔医生〕说是肿瘤"),
        ("电话１３９００００１１１１，住上海市 淮海中路8号", "电话〔号码〕，住〔地址〕"),
        ("2019年5月14日确诊", "2019年5月14日确诊"),
    ],
)
def test_who_it_is_is_replaced_and_the_rest_stays(said: str, read: str) -> None:
    assert masked_account(said, [WANG, MOTHER], "Ruijin Hospital") == read


@pytest.mark.parametrize(
    "name", ["Wang Xiaoming", "Xiaoming Wang", "wang, xiaoming", "WANG-XIAOMING", "Xiaoming", "陈美丽"]
)
def test_nothing_that_the_check_of_texts_for_jurors_finds_is_left(name: str) -> None:
    said = f"Signed: {name}, tel. (138) 0013 8000, ID 11010519850517001X."
    found = {"names": [WANG.name, MOTHER.name], "phones": [WANG.phone], "id_numbers": [WANG.id_number]}
    assert personal_data_in(said, **found) != []
    assert personal_data_in(masked_account(said, [WANG, MOTHER]), **found) == []


def test_nobody_known_leaves_the_text_alone() -> None:
    said = "A lump was found in spring, and it grew."
    assert masked_account(said, [Known(role=Role.MEMBER, name="")], "") == said


SAID = "I am Wang. My aunt in Suzhou found the lump.\nShe is a nurse."


@pytest.mark.parametrize(
    "masked",
    [
        SAID,
        SAID.replace("\n", "\r\n") + "\n",
        "I am [the member]. My aunt in Suzhou found the lump.\nShe is a nurse.",
        "I am [the member]. My aunt in [left out] found the lump.\nShe is a nurse.",
        "[left out] My aunt in Suzhou found the lump.\n[left out]",
        "I am [the member]. 〔略〕",
    ],
)
def test_words_can_be_replaced(masked: str) -> None:
    assert only_leaves_out(SAID, masked)


@pytest.mark.parametrize(
    "masked",
    [
        "",
        " ",
        "I am Wang. My aunt in Suzhou found the lump.",
        "I am [the member]. My uncle in Suzhou found the lump.\nShe is a nurse.",
        "I am [the member]. My aunt in [a village] found the lump.\nShe is a nurse.",
        "I am [the member]. She is a nurse. My aunt in Suzhou found the lump.",
        "I am [the member]. [left out] She is a nurse. I lied.",
        "I am Wang. My aunt in Suzhou found the lump.\nShe is a nurse. [left out] She is a nurse.",
    ],
)
def test_nothing_can_be_changed_added_or_turned(masked: str) -> None:
    assert not only_leaves_out(SAID, masked)
