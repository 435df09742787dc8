"""Findings: what a run found in a reader's words, the same for page, shell and PDF."""
