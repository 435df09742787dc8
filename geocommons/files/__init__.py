"""Files: bytes in, bytes out."""
