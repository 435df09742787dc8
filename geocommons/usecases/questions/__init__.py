"""Questions: what an analysis is asked, and what of the register and of a scenario its answer stands on."""
