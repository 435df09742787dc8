"""Collect every sentence that a reader may see: what a translator has to translate."""

import ast
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract

from geocommons import errors

ROOT = Path(__file__).parents[2]
ROOMS = ("api", "geocommons")
OURS = {"mark", "translate", "words", "Sentence"}
CALLS = OURS | {name for name in dir(errors) if isinstance(getattr(errors, name), type)}
Message = str | tuple[str, str]


def collect_sentences() -> dict[Message, str]:
    """Return every sentence of the pages and of the refusals, with the file that says it."""
    found: dict[Message, str] = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if "web" in path.parts[len(ROOT.parts) :] or path.suffix not in (".py", ".html"):
                continue
            of_file = _of_program(path) if path.suffix == ".py" else _of_template(path)
            found |= dict.fromkeys(of_file, path.relative_to(ROOT).as_posix())
    forms = {form for message in found if isinstance(message, tuple) for form in message}
    return {message: file for message, file in found.items() if message not in forms}


def made_up_sentences() -> list[str]:
    """Return the calls that say a text which is put together there, so that it cannot be collected."""
    return [
        f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
        for node in _calls(path)
        if _name(node) in CALLS and node.args and isinstance(node.args[0], ast.JoinedStr | ast.BinOp)
    ]


def _calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _of_program(path: Path) -> Iterator[Message]:
    for node in _calls(path):
        name = _name(node)
        if name == "translate_plural":
            texts = [text.args[0] for text in node.args[:2] if isinstance(text, ast.Call)]
            yield tuple(text.value for text in texts if isinstance(text, ast.Constant))  # type: ignore[misc]
        elif name in CALLS and node.args and (text := getattr(node.args[0], "value", None)) and isinstance(text, str):
            yield text


def _of_template(path: Path) -> Iterator[Message]:
    with path.open("rb") as file:
        for _, message, _, _ in extract("jinja2.ext:babel_extract", file, options={"newstyle_gettext": "true"}):
            yield tuple(message) if isinstance(message, tuple | list) else message
