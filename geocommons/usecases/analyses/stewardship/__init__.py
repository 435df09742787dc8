"""Who held what on a day, where that is, and how deep it goes."""
