"""The colours of what is drawn for paper and for files: those of the pages on white (`tokens.css` says them there)."""

INK, MUTED, PAPER, SUNK = "#15231f", "#52605b", "#ffffff", "#eaeeea"
LINE, LINE_STRONG, GROUND = "#d6ddd8", "#84928c", "#f4f6f3"
ACCENT, ALARM, ALARM_SOFT, BAND, ON_BAND_QUIET = "#0b6158", "#a8321b", "#fbe9e4", "#103f3b", "#c4dcd6"
SERIES = ("#0b6158", "#b4531a", "#3567a8", "#7b4397", "#5f6a66")
"""Things of a kind beside each other: lines of a chart, words of a map."""

LAND, WATER, WATER_EDGE, GREEN = "#f3f1ea", "#b4d5e5", "#93bfd4", "#dae8c9"
STREET, DISTRICT, MAP_MUTED = "#ffffff", "#a89f8f", "#6b7370"
SERVED, UNSERVED, UNKNOWN = "#3f8f83", "#b8321a", "#6b7370"
FREE = "#b0318f"
"""What nobody holds."""
STEPS = ("#f4efd3", "#d8e3b0", "#a9d2a6", "#6fb89e", "#3d978f", "#1e7279", "#134d5c")
"""From few to many: light to dark, so that a copy in grey reads as well."""
