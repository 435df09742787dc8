"""Say what a run found, whatever its kind."""

from importlib import import_module
from types import MappingProxyType

from geocommons.language import Words
from geocommons.model.run import Run
from geocommons.usecases.findings.document import Findings

KIND_WORDS = MappingProxyType(
    {
        "coverage": Words(en="Coverage", nl="Bereik"),
        "gaps": Words(en="Gaps", nl="Witte vlekken"),
        "change": Words(en="Change", nl="Verandering"),
        "siting": Words(en="Next sites", nl="Volgende plekken"),
        "rivers": Words(en="Rivers", nl="Rivieren"),
    }
)
"""What each kind of analysis is called, in the order of the menu."""


def say_findings(run: Run, language: str) -> Findings:
    """Return what a finished run found, in a language: each kind says it in a file of its own beside this one."""
    said: Findings = getattr(import_module(f"geocommons.usecases.findings.{run.kind}"), run.kind)(run, language)
    return said
