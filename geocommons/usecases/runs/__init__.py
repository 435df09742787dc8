"""Runs: what an analysis stands on, whether it is still at work, and what is kept of it."""
