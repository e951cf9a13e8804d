"""Makes sure that the browser tests find a Chromium: installed by root on Debian, otherwise asked for in one line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ["chromium", "fonts-noto-cjk"]


def main() -> int:
    """0 when there is a browser."""
    if any(shutil.which(name) for name in NAMES):
        return 0
    wanted = f"apt-get install -y {' '.join(PACKAGES)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.stderr.write(f"The browser tests need Chromium: {wanted}\n")
        return 1
    sys.stdout.write(f"Installing Chromium for the browser tests: {wanted}\n")
    sys.stdout.flush()
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for argv in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", *PACKAGES]):
        done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            complaint = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
            sys.stderr.write(f"{' '.join(argv)} failed: {' '.join(complaint)}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
