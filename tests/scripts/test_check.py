"""The house's own checks: long files, long functions, names that say nothing."""

from pathlib import Path

from scripts.check import complaints_about


def test_a_short_file_with_a_telling_name_is_fine(tmp_path: Path) -> None:
    path = tmp_path / "gardens.py"
    path.write_text("def water() -> None:\n    pass\n")
    assert complaints_about(path) == []


def test_a_long_file_a_long_function_and_a_vague_name_are_each_said(tmp_path: Path) -> None:
    path = tmp_path / "utils.py"
    path.write_text("def long() -> None:\n" + "    pass\n" * 400)
    complaints = complaints_about(path)
    assert [part for part in ("401 lines", "does not say", "long has 401 lines") if part in "\n".join(complaints)] == [
        "401 lines",
        "does not say",
        "long has 401 lines",
    ]
