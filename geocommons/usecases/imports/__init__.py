"""Bring files into the register, row by row, with a report of each: places here, what is said of them in `tables/`."""
