"""Mail: queue it with its cause, send it once, and collect what may wait into one letter."""
