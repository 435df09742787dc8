"""Bring what the tests need beyond Python, before they start: PostGIS and Chromium."""

import sys

from scripts.chromium import ChromiumMissing, find_chromium
from scripts.postgis import PostgisMissing, find_programs


def main() -> int:
    """Find or install each part; what stays missing is said here, and skipped (with CI=true: failed) by the tests."""
    for find in (find_programs, find_chromium):
        try:
            find()
        except (PostgisMissing, ChromiumMissing) as missing:
            print(f"MISSING PART: {missing}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
