"""Tables in a window of the shell, as wide as it is."""

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from geocommons.files.column_widths import column_widths, in_two_lines

GAP = 2


def shell_table(heads: Sequence[str], rows: Sequence[Sequence[str]], width: int, *, words: set[int]) -> Table:
    """Return a table no wider than so many letters, its figures to the right; `words` are the columns of words.

    Where not all fits on one line, heads of figures take a second one first; no word and no figure is broken, unless
    not even single words fit beside each other.
    """
    columns = list(zip(heads, *rows, strict=True))
    least = [_longest(column, at in words) for at, column in enumerate(columns)]
    whole = [max(map(cell_len, column)) for column in columns]
    room = width - GAP * (len(columns) - 1)
    if sum(whole) > room:
        folded = [int(in_two_lines(head, cell_len)) for head in heads]
        whole = [line if at in words else max(least[at], folded[at]) for at, line in enumerate(whole)]
    made = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for at, (head, letters) in enumerate(zip(heads, _in_letters(least, whole, room), strict=True)):
        made.add_column(Text(head), justify="left" if at in words else "right", width=letters, overflow="fold")
    for row in rows:
        made.add_row(*map(Text, row))
    return made


def _longest(column: Sequence[str], of_words: bool) -> int:
    """Return the length of what is not to be broken: a word, or a figure with its unit."""
    head, *cells = column
    parts = [*head.split(), *(word for cell in cells for word in (cell.split() if of_words else [cell]))]
    return max(map(cell_len, parts), default=1)


def _in_letters(least: Sequence[int], whole: Sequence[int], room: int) -> list[int]:
    """Return whole widths; what rounding down leaves over goes to the columns that lack most, a letter each."""
    widths = [max(int(width), 1) for width in column_widths(least, whole, room)]
    lacking = sorted(range(len(widths)), key=lambda column: widths[column] - whole[column])
    for column in lacking[: max(room - sum(widths), 0)]:
        widths[column] += widths[column] < whole[column]
    return widths
