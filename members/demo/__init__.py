"""The people and log-ins of a demonstration; its claims are made by the highest app."""

from members.demo.logins import LOGINS, PASSWORD, DemoLogin, login_of
from members.demo.marker import is_demonstration

__all__ = ["LOGINS", "PASSWORD", "DemoLogin", "is_demonstration", "login_of"]
