"""The bootstrap: what changes its stamps, and how it speaks when something fails."""

import shutil
import sys
import threading
from pathlib import Path

import pytest

from scripts import install
from scripts.progress import StepFailed, run_step


def test_a_stamp_changes_with_the_content_and_the_name_of_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(install, "ROOT", tmp_path)
    first, second = tmp_path / "a.ts", tmp_path / "b.ts"
    first.write_text("one")
    before = install.digest([first])
    assert install.digest([first]) == before
    first.write_text("two")
    changed = install.digest([first])
    assert changed != before
    second.write_text("two")
    assert install.digest([second]) != changed


def test_what_was_edited_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ROOT": tmp_path, "STAMPS": tmp_path / "stamps", "PYTHON": Path(sys.executable)}.items():
        monkeypatch.setattr(install, name, value)
    for name in install.PACKAGES:
        (tmp_path / name).mkdir()
    source, compiled = tmp_path / "api" / "a.py", tmp_path / "api" / "__pycache__"
    source.write_text("ONE = 1")
    install.compile_project()
    assert [made.stem.partition(".")[0] for made in compiled.iterdir()] == ["a"]
    shutil.rmtree(compiled)
    install.compile_project()
    assert not compiled.exists(), "nothing was edited"
    source.write_text("ONE = 11")
    install.compile_project()
    assert compiled.exists()


def test_a_failed_step_tells_the_last_lines_of_its_command() -> None:
    with pytest.raises(StepFailed, match=r"(?s)Building.*status 3.*no space left"):
        run_step("Building", [sys.executable, "-c", "print('no space left'); raise SystemExit(3)"])


def test_a_step_in_a_log_says_when_it_starts_and_when_it_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    run_step("Building", [sys.executable, "-c", "pass"])
    assert capsys.readouterr().out.splitlines() == ["  Building …", "✓ Building (0 s)"]


def test_a_second_install_waits_for_the_first_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    order: list[str] = []

    def second() -> None:
        with install.alone():
            order.append("second")

    thread = threading.Thread(target=second)
    with install.alone():
        thread.start()
        thread.join(0.2)
        order.append("first")
    thread.join()
    assert order == ["first", "second"]
    assert "Waiting for it" in capsys.readouterr().out
