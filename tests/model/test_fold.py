"""Texts are folded alike one by one and all at once."""

from hypothesis import given
from hypothesis import strategies as st

from geocommons.model.base import fold, fold_rows

texts = st.one_of(st.text(), st.sampled_from(["", "Éclair", "TUIN\n", "ß", "a b", "İ"]))


@given(st.lists(st.tuples(texts, texts)))
def test_rows_are_folded_as_each_of_them(rows: list[tuple[str, str]]) -> None:
    names, refs = [name for name, _ in rows], [ref for _, ref in rows]
    assert fold_rows(names, refs) == [fold(name, ref) for name, ref in rows]
    assert fold_rows(refs) == list(map(fold, refs))
