"""Turn any file into a context set, row by row, with a report that says what became of each: `add` does it all."""
