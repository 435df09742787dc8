"""What a register of an earlier version had otherwise, for a migration to bring up to date."""

BEFORE_CARE = (
    "DROP TABLE activity",
    "DROP TABLE obligation",
    "ALTER TABLE tenure DROP COLUMN requested_on",
    # Until 0007 the state that a site's own row has was a row of site_state too.
    "INSERT INTO site_state SELECT id, state_from, state_to, status, state FROM site WHERE state_from < state_to",
)
