"""The language of docs/pages.md, "How we write": plain English without archaic words, natural Chinese punctuation.

To take more folders in, add a pattern to `PLACES`. What is read of a file depends on its ending: see `texts_of`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from audit.rooms import retired_kinds
from run.messages import BASE_DIR, catalogues

DOCUMENTATION = ("README.md", "docs/**/*.md")
# A pattern joins as the texts of its files are rewritten.
TEMPLATES_AND_CODE: tuple[str, ...] = (
    "templates/**/*.html",
    "locale/**/*.po",
    "audit/locale/**/*.po",
    "audit/**/*.py",
    "config/locale/**/*.po",
    "config/**/*.py",
    "manage.py",
    "members/locale/**/*.po",
    "members/**/*.py",
    "pages/locale/**/*.po",
    "pages/**/*.py",
    "run/**/*.py",
    "scripts/**/*.py",
    "tests/audit/**/*.py",
    "tests/config/**/*.py",
    "tests/members/**/*.py",
    "tests/pages/**/*.py",
    "tests/run/**/*.py",
    "jury/**/*.py",
    "jury/locale/**/*.po",
    "adjudication/**/*.py",
    "adjudication/locale/**/*.po",
    "tests/jury/**/*.py",
    "tests/adjudication/**/*.py",
    "tests/journeys/**/*.py",
    "allocation/**/*.py",
    "allocation/locale/**/*.po",
    "bench/**/*.py",
    "tests/allocation/**/*.py",
    "tests/bench/**/*.py",
)
PLACES = DOCUMENTATION + TEMPLATES_AND_CODE

BANNED = (
    r"who(m)?(so)?ever",
    r"reckon(s|ed|er|ing|ings)?",
    r"anew",
    r"(for|as) ever",
    r"for good(?! reason)",
    r"for want of",
    r"let(s|ting)? (it |them |the claim |a claim )?go on",
    r"(hold|holds|held) (it|him|her|them|us|you) to (it|this|that)",
    r"(is|are|was|were|be|been) told of",
    r"tell(s|ing)? of",
    r"(no|every|some|any)body that",
    r"besides|likewise|beforehand|hence|henceforth|hitherto|hereby|herein|thereof|therein|thereby|whereby|wherein",
    r"whence|thence|lest|ere|nay|albeit|forthwith|upon|ought|shall",
    r"taken out",
    r"given to a person",
    r"comers?",
    r"lose sight",
    r"give word",
    r"in vain",
    r"(whom )?the lot (falls|fell|met)",
    r"slip of the pen",
)
BANNED_WORDS = re.compile(r"\b(?:" + "|".join(BANNED) + r")\b", re.IGNORECASE)

_CODE_IN_MARKDOWN = re.compile(r"^```.*?^```|^ {4,}\S.*?$|`[^`\n]*`|\]\([^)\s]*\)", re.DOTALL | re.MULTILINE)
_CODE_IN_TEMPLATE = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<[^>]*>", re.DOTALL)
_QUOTED_IN_TEMPLATE = re.compile(r"""\{%\s*(?:block)?trans(?:late)?\s+(["'])(.*?)\1""")
_PLACEHOLDER = re.compile(r"%\([A-Za-z_]\w*\)[#0\- +]*[\d.]*[a-zA-Z]|\{\w*\}")

_HAN = "\u3400-\u9fff"
_TAG = re.compile(r"<[^>]*>")
# An example of code between the words, with the spaces around it.
_QUOTED_CODE = re.compile(r" ?(\[\[[\w.\ue000]+\]\]|[\[{][^\u3400-\u9fff]*[\]}]|\[(?= )) ?")
CHINESE = {
    "half-width punctuation beside Chinese": rf"[{_HAN}\ue000][,;:?!()]|[,;:?!()][{_HAN}]",
    "a half-width full stop after Chinese": rf"[{_HAN}]\.(?!\w|/)",
    "你 instead of 您": "你",
    "an ellipsis of one character": r"(?<!…)…(?!…|”)",
    "a space beside a full-width mark": r"[，。：；？！（）、] | [，。：；？！（）、]",
    "a space beside Chinese": rf"[{_HAN}] +[{_HAN}\ue000A-Za-z0-9]|[{_HAN}\ue000A-Za-z0-9] +[{_HAN}]",
    "English left in a list": r"[A-Za-z]{3,}(?:,| or| and|, or) [A-Za-z]{3,}",
    "a term that docs/pages.md replaces": "(?<!网站)首页|赔审(?![员团])|陪审团|遮盖|短时查看|理赔款|赔款|保费|法定人数",
}
# The bank accepts an order, so 受理 is right there; a filed claim is 已提交.
ACCEPTED = {"accepted"}
# Django's yesno filter splits its words at a half-width comma.
SPLIT_BY_DJANGO = {"Yes,No"}


def _names_and_strings(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name.replace("_", " ")
        elif isinstance(node, ast.arg):
            yield node.arg.replace("_", " ")
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id.replace("_", " ")
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def texts_of(path: Path) -> list[str]:
    """What people read of a file: prose without code, texts of a template, msgids of a catalogue, names and strings."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return _CODE_IN_MARKDOWN.sub(" ", text).split("\n\n")
    if path.suffix in {".html", ".txt"}:
        return [found[1] for found in _QUOTED_IN_TEMPLATE.findall(text)] + _CODE_IN_TEMPLATE.sub("\n", text).split("\n")
    if path.suffix == ".po":
        with path.open("rb") as source:
            ids = [message.id for message in read_po(source) if message.id]
        return [one for found in ids for one in ([found] if isinstance(found, str) else found)]
    if path.suffix == ".py":
        return list(_names_and_strings(text))
    raise ValueError(f"{path}: say in texts_of what people read of a {path.suffix} file")


def archaic(path: Path) -> list[str]:
    # What an earlier release wrote into the log can't be written otherwise.
    texts = [re.sub(r"\s+", " ", text) for text in texts_of(path) if text not in retired_kinds()]
    return [f"{found[0]}: {text.strip()[:120]}" for text in texts for found in BANNED_WORDS.finditer(text)]


def files(patterns: tuple[str, ...]) -> list[Path]:
    return sorted({path for pattern in patterns for path in BASE_DIR.glob(pattern) if path.is_file()})


def _name(path: Path) -> str:
    return path.relative_to(BASE_DIR).as_posix()


@pytest.mark.parametrize("path", files(PLACES), ids=_name)
def test_english_is_plain(path: Path) -> None:
    found = archaic(path)
    assert not found, "docs/pages.md, How we write, says what to use instead:\n" + "\n".join(found)


@pytest.mark.parametrize("pattern", PLACES)
def test_every_place_holds_files(pattern: str) -> None:
    assert files((pattern,))


def test_what_the_guide_advises_against_is_found() -> None:
    guide = (BASE_DIR / "docs" / "pages.md").read_text(encoding="utf-8").partition("## How we write")[2]
    rows = re.findall(r"^\| [^|]+ \| (`[^|]+`) \|$", guide.partition("**中文**")[0], re.MULTILINE)
    words = [word for row in rows for word in re.findall(r"`([^`]+)`", row)]
    assert len(words) > 15
    assert [word for word in words if not BANNED_WORDS.search(word)] == []


@pytest.mark.parametrize(
    ("name", "source", "found"),
    [
        ("a.md", "Whoever\nreads `whoever` here", 1),
        ("a.md", "    whoever = code\n\nplain", 0),
        ("a.html", '{% translate "Reckoned anew" %}<p title="{{ whoever }}">for\n ever</p>', 2),
        ("a.po", 'msgid ""\nmsgstr ""\n\nmsgid "Reckoned"\nmsgstr "whoever"\n', 1),
        ("a.py", 'def reckon(whoever: int) -> str:\n    lose_sight = "for ever"\n    return lose_sight', 4),
    ],
)
def test_each_kind_of_file_is_read(tmp_path: Path, name: str, source: str, found: int) -> None:
    (tmp_path / name).write_text(source, encoding="utf-8")
    assert len(archaic(tmp_path / name)) == found


def faults_of_chinese(msgid: str, text: str) -> list[str]:
    """What is wrong with one translation; U+E000 takes the place of each placeholder."""
    bare = _QUOTED_CODE.sub("", _PLACEHOLDER.sub("\ue000", _TAG.sub("", text)))
    found = [fault for fault, pattern in CHINESE.items() if re.search(pattern, bare)]
    if "受理" in text and msgid not in ACCEPTED:
        found.append("受理, though nothing was accepted: 提交, 收到 or 领取")
    return [] if msgid in SPLIT_BY_DJANGO else found


@pytest.mark.parametrize("path", catalogues(BASE_DIR), ids=_name)
def test_chinese_is_written_as_chinese(path: Path) -> None:
    wrong = []
    with path.open("rb") as source:
        for message in read_po(source, locale="zh_Hans"):
            one = message.id if isinstance(message.id, str) else message.id[0]
            for text in [message.string] if isinstance(message.string, str) else message.string:
                wrong += [f"{fault}: {text}" for fault in faults_of_chinese(one, text) if one]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "text",
    [
        "请稍候,再试",
        "规则(全部)",
        "你的申请",
        "执行本期分摊…",
        "申请 %(ref)s将不予通过",
        "共%(n)s 项",
        "请选择approved, rejected之一",
        "您的申请已受理",
        "返回首页",
        "要求赔审",
        "期限:%(on)s",
        "已完成.",
    ],
)
def test_a_fault_of_chinese_is_found(text: str) -> None:
    assert faults_of_chinese("any", text)


@pytest.mark.parametrize(
    "text",
    [
        "%(charge)s 00:00之前",
        '对象，例如 {"amount": 300000, "count": 14}',
        "若干条目，各自写在 [[%(key)s]] 之下",
        "中英文文本：{ en = “…”, zh = “…” }，或“none”",
        "前往网站首页",
        "PDF、JPEG、PNG或WebP",
        "首尾年龄（周岁）：[0, 39]",
    ],
)
def test_good_chinese_is_left_alone(text: str) -> None:
    assert faults_of_chinese("any", text) == []
