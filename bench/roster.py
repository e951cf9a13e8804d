"""Import files with any number of invented members, identical every time."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from members.imports.columns import COLUMNS

_FAMILY = "林陈黄吴周徐孙马朱胡郭何高罗郑梁谢宋唐许"
_GIVEN = ("雅文", "思雨", "晓梅", "佳怡", "静云", "志远", "建国", "浩然", "子轩", "明辉")
_STREETS = ("Harbour Road", "Mill Lane", "中山路", "人民路", "Station Road", "Willow Lane")
_STEP = 7919
"""A prime, so that stepping by it visits every combination before one repeats."""
_LINES_AT_ONCE = 10_000


def write_roster(path: Path, rows: int) -> None:
    """A CSV file of this many members: every fourth is family of the one before, every tenth has left; all valid."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(COLUMNS) + "\n")
        for start in range(0, rows, _LINES_AT_ONCE):
            file.writelines(_line(number) for number in range(start, min(start + _LINES_AT_ONCE, rows)))


def _line(number: int) -> str:
    born_on = dt.date(1970, 1, 1) + dt.timedelta(days=number * _STEP % 11_000)
    joined_on = dt.date(2020, 1, 2) + dt.timedelta(days=number * 31 % 2_000)
    left_on = joined_on + dt.timedelta(days=100) if number % 10 == 0 else None
    payer = f"R{number - 1:09d}" if number % 4 == 3 else ""
    household = number - 1 if payer else number
    texts = (
        f"R{number:09d}",
        _FAMILY[number * _STEP % 20] + _GIVEN[number // 3 % 10],
        born_on.isoformat(),
        "female" if number % 2 else "male",
        f"{number * _STEP % 1_000_000:06d}{born_on:%Y%m%d}{number % 10_000_000:07d}",
        f"139{number:09d}",
        f"{_STREETS[household % 6]} {household % 997} 号 {household}",
        f"Company {number * _STEP % 1999}",
        payer,
        joined_on.isoformat(),
        left_on.isoformat() if left_on else "",
        "left" if left_on else "",
        "yes" if number % 10 == 5 else "",
        "",
    )
    return ",".join(texts) + "\n"
