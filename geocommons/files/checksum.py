"""The checksum by which a file is known again."""

import hashlib
from pathlib import Path


def checksum_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal; nothing of a folder or a stream."""
    if not path.is_file():
        return ""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
