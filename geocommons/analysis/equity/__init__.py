"""Equity: who bears the gap, how unequal service is, and where the unserved live together."""
