"""Publishes plan versions from their files."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from audit.actors import SYSTEM
from audit.errors import DomainError
from members.rules.plans import code_in
from members.services.plans import load_plan_file


class Command(BaseCommand):
    help = "Publish the plan versions of the shipped files, or of one file. Loading the same again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, help="one plan file; without it, all shipped files")

    def handle(self, *args: Any, **options: Any) -> None:
        paths = [options["file"]] if options["file"] else sorted(Path(settings.PLAN_FILES).glob("*.toml"))
        known = {code_in(path.read_text(encoding="utf-8", errors="replace")) for path in paths if path.is_file()}
        for path in paths:
            try:
                text = path.read_text(encoding="utf-8")
                loaded = load_plan_file(source=text, filename=path.name, by=SYSTEM, together_with=known)
            except (OSError, UnicodeDecodeError, DomainError) as error:
                raise CommandError(f"{path}: {error}") from None
            self.stdout.write(loaded.line)
