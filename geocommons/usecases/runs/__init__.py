"""Runs: how a question gets its answer, in turn or at once, what is kept of it, and what becomes of that."""
