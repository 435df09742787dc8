"""Read vector files and tables of any kind, in batches: what each row says, and what is wrong with it."""
