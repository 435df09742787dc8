"""Tables in a window of the shell."""

import io

import pytest
from rich.console import Console

from geocommons.cli.shell_table import shell_table

HEADS = ["Laag", "Beheerd", "Beheerders", "Aan één persoon", "Weggevallen", "Wachtend", "Valt per jaar weg", "Te laat"]
ROWS = [["Percelen van de grondstichting", "320", "320", "320", "5", "13", "0,5%", "0"]]


def printed(width: int) -> str:
    """Return the table as a window of so many letters shows it."""
    console = Console(file=io.StringIO(), width=width, color_system=None)
    console.print(shell_table(HEADS, ROWS, width, words={0}))
    return console.file.getvalue()  # type: ignore[attr-defined,no-any-return]


@pytest.mark.parametrize("width", [80, 100, 140])
def test_no_word_is_broken_or_cut_short_and_no_line_is_wider_than_the_window(width: int) -> None:
    said = printed(width)
    assert all(len(line) <= width for line in said.splitlines())
    for word in [word for cell in (*HEADS, *ROWS[0]) for word in cell.split()]:
        assert word in said.split(), word


def test_a_wide_window_has_each_row_on_one_line() -> None:
    assert len(printed(140).splitlines()) == 3


def test_a_window_too_narrow_for_single_words_still_shows_every_letter() -> None:
    said = printed(40)
    assert "…" not in said and sum(map(str.isalnum, said)) == sum(map(str.isalnum, "".join([*HEADS, *ROWS[0]])))
