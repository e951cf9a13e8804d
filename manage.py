#!/usr/bin/env python
"""Runs a management command, with the embedded servers where no others are given."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from run.embedded.command_line import surroundings
        from run.embedded.errors import EmbeddedError
    except ImportError as error:
        sys.exit(f"manage.py: {error}. Run `make setup`, then .venv/bin/python manage.py.")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        with surroundings(sys.argv):
            execute_from_command_line(sys.argv)
    except (EmbeddedError, ImproperlyConfigured) as error:
        sys.exit(f"manage.py: {error}")


if __name__ == "__main__":
    main()
