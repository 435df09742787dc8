"""Two runs of one kind beside each other: figures, and rows of the same tables, with the difference."""

from geocommons.language import mark, translate
from geocommons.numerals import number
from geocommons.usecases.findings.document import NOTHING, Cell, CellKind, Column, Findings, Row, Table, say_cell

POINTS_DECIMALS = 1
Names = tuple[str, str]


def compare_findings(first: Findings, second: Findings, names: Names, language: str) -> tuple[Table, ...]:
    """Return a table of the figures of two runs, and one for each table that both have, second less first.

    Of a table the share of each row is compared, or its first amount where it has no shares. `names` are what columns
    call the two. Tables of ranks are left out: the first area of one run is not the first of the other.
    """
    others = {table.title: table for table in second.tables}
    pairs = [(table, others[table.title]) for table in first.tables if table.title in others]
    rows = [_rows(*pair, names, language) for pair in pairs]
    return (_figures(first, second, names, language), *(table for table in rows if table is not None))


def say_difference(first: Cell, second: Cell, kind: CellKind, language: str) -> str:
    """Return how much more the second is, with its sign; shares in points, a dash where either is no number."""
    if not isinstance(first, int | float) or not isinstance(second, int | float):
        return NOTHING
    more = second - first
    amount = 100 * more if kind == "share" else more
    if kind == "share":
        said = translate(mark("{number} points"), language).format(
            number=number(abs(amount), language, POINTS_DECIMALS)
        )
    else:
        said = say_cell(abs(amount), kind, language)
    if said == say_cell(0, kind, language) or (kind == "share" and round(abs(amount), POINTS_DECIMALS) == 0):
        return translate(mark("the same"), language)
    return f"{'+' if more > 0 else '−'}{said}"


def _figures(first: Findings, second: Findings, names: Names, language: str) -> Table:
    others = {figure.label: figure for figure in second.figures}
    rows = tuple(
        Row((
            figure.label, figure.value, others[figure.label].value,
            say_difference(figure.amount, others[figure.label].amount, figure.kind, language),
        ))
        for figure in first.figures if figure.label in others
    )  # fmt: skip
    return Table(
        translate(mark("Figures"), language), _columns(translate(mark("Figure"), language), names, language), rows
    )


def _rows(first: Table, second: Table, names: Names, language: str) -> Table | None:
    at = _compared(first)
    if at is None or [one.title for one in first.columns] != [one.title for one in second.columns]:
        return None
    column = first.columns[at]
    others = {_name(row): row.cells[at] for row in second.rows}
    known = {_name(row): row for row in first.rows}
    rows = tuple(_row(name, known.get(name), others.get(name), at, column.kind, language)
                 for name in [*known, *(one for one in others if one not in known)])  # fmt: skip
    title = f"{first.title}: {column.title}"
    return Table(title, _columns(first.columns[0].title, names, language), rows, first.hint)


def _row(name: str, row: Row | None, other: Cell, at: int, kind: CellKind, language: str) -> Row:
    own = row.cells[at] if row else None
    said = (say_cell(own, kind, language), say_cell(other, kind, language))
    few, key = (row.few, row.key) if row else (False, "")
    return Row((name, *said, say_difference(own, other, kind, language)), key=key, few=few)


def _compared(table: Table) -> int | None:
    """Return the column that is compared, None where a table is not one of named rows with an amount."""
    kinds = [column.kind for column in table.columns]
    names = [_name(row) for row in table.rows]
    if kinds[:1] != ["text"] or len(set(names)) < len(names):
        return None
    if "share" in kinds:
        return kinds.index("share")
    return next((at for at, kind in enumerate(kinds) if kind not in ("text", "day")), None)


def _name(row: Row) -> str:
    return str(row.cells[0])


def _columns(title: str, names: Names, language: str) -> tuple[Column, ...]:
    difference = translate(mark("Difference"), language)
    return (Column(title), Column(names[0], "number"), Column(names[1], "number"), Column(difference, "number"))
