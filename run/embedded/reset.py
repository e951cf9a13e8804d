"""Deletes the folder that the service writes to (`make reset`)."""

from __future__ import annotations

import sys

from run.embedded import paths
from run.embedded.errors import EmbeddedError
from run.embedded.servers import reset


def main() -> int:
    """Start over; servers named in the environment are not touched."""
    try:
        reset(paths.var_dir())
    except (EmbeddedError, OSError) as error:
        sys.stderr.write(f"make reset: {error}\n")
        return 1
    sys.stdout.write(f"Deleted {paths.var_dir()}. The next `make run` starts over.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
