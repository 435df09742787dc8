"""Words and tables that kinds share, or that stand beside a kind in a file of their own."""
