"""Measure the register against its targets and the best peers, in one run on one machine, and print a table.

    python -m scripts.bench [--scale 1] [PART ...]

Quote the ratios: the machine may be busy, and the peers stand in the same run.
"""

import argparse
from importlib import import_module

PARTS = {
    "import": "scripts.bench_import",
    "serving": "scripts.bench_serving",
    "coverage": "scripts.bench_analysis",
    "walk": "scripts.bench_walk",
    "page": "scripts.bench_page",
    "mail": "scripts.bench_mail",
    "people": "scripts.bench_people",
    "rivers": "scripts.bench_rivers",
    "fairness": "scripts.bench_fairness",
    "siting": "scripts.bench_siting",
}
ASKED_ONLY = {"growth": "scripts.bench_growth"}
"""Parts that take long or much memory, and run only if asked for."""


def main() -> None:
    """Run the parts that are asked for, all of them if none is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, *ASKED_ONLY, []], help="parts to run (all but growth)")
    parser.add_argument("--scale", type=float, default=1.0, help="1 is the size that the targets speak of")
    asked = parser.parse_args()
    for part in asked.parts or PARTS:
        for name, figure, unit in import_module((PARTS | ASKED_ONLY)[part]).run(asked.scale):
            print(f"{name:84s}{figure:14,.3f} {unit}", flush=True)


if __name__ == "__main__":
    main()
