"""Charts as SVG text: drawn here without a program in the browser, each with the table behind it."""
