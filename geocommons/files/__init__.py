"""Bytes in and out: `reading` any vector file or table, `charts` and `mail` apart; the rest is what leaves."""
