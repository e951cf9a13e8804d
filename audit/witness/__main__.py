"""The command: make a key, or witness the given logs."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sqlite3
import sys
from pathlib import Path

from .judging import Witness
from .memory import Memory
from .notes import LogKey, Malformed, WitnessKey
from .server import WitnessServer


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="witness", description="Cosigns the checkpoints of logs that only ever grow. See docs/witness.md."
    )
    parser.add_argument("--generate-key", nargs=2, metavar=("NAME", "FILE"), help="make a key, print its public half")
    parser.add_argument("--show-key", type=Path, metavar="FILE", help="print the public half of a key")
    parser.add_argument("--key", type=Path, help="the file that --generate-key wrote")
    parser.add_argument("--state", type=Path, help="the file with the witness's memory; created if it doesn't exist")
    parser.add_argument(
        "--log",
        action="append",
        metavar="VKEY",
        default=[],
        help="a log's verifier key, or @FILE with one in each line",
    )
    parser.add_argument("--listen", metavar="HOST:PORT", default="127.0.0.1:8001")
    return parser


def _log_keys(words: list[str]) -> list[LogKey]:
    texts = []
    for word in words:
        texts += Path(word[1:]).read_text(encoding="utf-8").split() if word.startswith("@") else [word]
    return [LogKey.parse(text) for text in texts]


def _serve(arguments: argparse.Namespace) -> int:
    host, cut, port = arguments.listen.rpartition(":")
    if not cut or not port.isdigit():
        raise Malformed("--listen reads HOST:PORT")
    logs = _log_keys(arguments.log)
    if not logs:
        raise Malformed("name at least one log: --log VKEY")
    key = WitnessKey.read(arguments.key)
    memory = Memory(arguments.state)
    server = WitnessServer((host.strip("[]"), int(port)), Witness(key, logs, memory))
    if memory.is_new:
        sys.stderr.write(f"A new memory in {arguments.state}: each log is taken at its first word.\n")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.stdout.write(f"{key.public_text} http://{host}:{server.server_port}\n")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever(poll_interval=0.2)
    server.server_close()
    return 0


def main(words: list[str] | None = None) -> int:
    """Run the command; a mistake in its arguments is reported in one line."""
    parser = _parser()
    arguments = parser.parse_args(words)
    try:
        if arguments.generate_key:
            name, path = arguments.generate_key
            sys.stdout.write(f"{WitnessKey.generate(name, Path(path)).public_text}\n")
            return 0
        if arguments.show_key:
            sys.stdout.write(f"{WitnessKey.read(arguments.show_key).public_text}\n")
            return 0
        if arguments.key is None or arguments.state is None:
            parser.error("--key, --state and --log are needed")
        return _serve(arguments)
    except (Malformed, OSError, sqlite3.Error) as error:
        sys.stderr.write(f"witness: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
