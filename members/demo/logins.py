"""The log-ins that a demonstration opens to everybody, one for each thing that a person can be here."""

from __future__ import annotations

from dataclasses import dataclass

from members.rules.plans import Text

PASSWORD = "assize-demo-2026"  # noqa: S105 - printed on the demonstration's own log-in page


@dataclass(frozen=True)
class DemoLogin:
    """One log-in: what its holder is, and the page that shows it best."""

    role: str
    email: str
    password: str
    landing_path: str
    title: Text


def _login(role: str, name: str, landing_path: str, en: str, zh: str) -> DemoLogin:
    return DemoLogin(role, f"{name}@demo.example", PASSWORD, landing_path, Text(en=en, zh=zh))


LOGINS: tuple[DemoLogin, ...] = (
    _login("member", "member", "/home/", "Member", "成员"),
    _login("investigator", "investigator", "/investigations/", "Investigator", "调查员"),
    _login("juror", "juror", "/seats/", "Juror", "赔审员"),
    _login("professional", "professional", "/opinions/", "Professional juror (doctor)", "专业陪审员（医生）"),
    _login("professional", "professional2", "/opinions/", "Professional juror (doctor), 2nd", "专业陪审员（医生）二"),
    _login("professional", "professional3", "/opinions/", "Professional juror (doctor), 3rd", "专业陪审员（医生）三"),
    _login("reviewer", "reviewer", "/board/", "Reviewer", "审核员"),
    _login("reviewer", "reviewer2", "/board/", "Reviewer, 2nd", "审核员二"),
    _login("auditor", "auditor", "/audit/", "Auditor", "审计员"),
)
"""In the order in which they are shown. `juror` is a seat of a panel that is open."""


def login_of(role: str) -> DemoLogin:
    """The first log-in of a role."""
    return next(login for login in LOGINS if login.role == role)
