"""Write what the register and its analyses hold as files that others can open: maps, reports, tables and layers."""
