"""Siting: which candidates to choose next, what each adds, and how far the answer is from the best at most."""
