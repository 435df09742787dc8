"""The nouns of the register: mapped classes with their rules; no session, no query."""
