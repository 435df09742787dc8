"""Bring files into the register, row by row, with a report that says what became of each."""
