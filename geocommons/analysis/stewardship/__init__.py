"""Stewardship: how long it lasts, what hangs on whom, where organisations work and who works with whom."""
