"""Time where the next 20 sites should go, with its proof, beside HiGHS on the whole question.

    python -m scripts.bench siting
    python -m scripts.bench_siting [SCALE] [--spopt]

Scale 1 is 100,000 blocks and 2,000 candidates; the small question is the 10,000 blocks in the middle with 500
candidates. `--spopt` adds spopt with CBC on the small one, which takes minutes.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack
from scipy.spatial import cKDTree

from geocommons.analysis.siting.answer import Siting
from geocommons.analysis.siting.limits import Limits
from geocommons.analysis.siting.mclp import solve_mclp
from geocommons.analysis.siting.reach import CoverMatrix, Reach, build_reach
from geocommons.analysis.siting.solve import Effort
from scripts.bench_city import BenchCity, make_bench_city

P = 20
LIMIT_S = 120.0
Row = tuple[str, float, str]


@dataclass(frozen=True)
class Question:
    """Blocks with people, candidates, and the straight line that counts as near."""

    name: str
    blocks: NDArray[np.float64]
    people: NDArray[np.float64]
    candidates: NDArray[np.float64]
    within_m: float

    def reach(self) -> Reach:
        """Return who is near each candidate."""
        found = cKDTree(self.blocks).query_ball_point(self.candidates, self.within_m)
        candidate = np.repeat(np.arange(len(found)), [len(one) for one in found])
        block = np.concatenate([np.asarray(one, dtype=np.intp) for one in found])
        metres = np.hypot(*(self.blocks[block] - self.candidates[candidate]).T)
        return build_reach(block, candidate, metres, n_demand=len(self.blocks), n_candidates=len(self.candidates))


def questions(city: BenchCity, scale: float) -> list[Question]:
    """Return the three questions of the reference figures."""
    blocks = np.column_stack([city.blocks["cx"], city.blocks["cy"]])
    people = city.blocks["pop"].astype(float)
    nodes = np.column_stack([city.candidates["x"], city.candidates["y"]])
    off = np.abs(blocks - blocks.max(0) / 2).max(1)
    middle = np.argsort(off)[: round(10_000 * scale)]
    chosen = np.random.default_rng(1).choice(len(middle), round(500 * scale), replace=False)
    near = blocks[middle]
    size = f"{len(blocks):,} x {len(nodes):,}"
    return [
        Question(f"{len(middle):,} x {len(chosen):,}, 800 m", blocks[middle], people[middle], near[chosen], 800),
        Question(f"{size}, 800 m", blocks, people, nodes, 800),
        Question(f"{size}, 2,000 m", blocks, people, nodes, 2_000),
    ]


def run(scale: float, *, spopt: bool = False) -> Iterator[Row]:
    """Yield (name, figure, unit): processor seconds, and gaps in percent."""
    small, large, dense = questions(make_bench_city(scale), scale)
    for question in (small, large, dense):
        begin = process_time()
        cover = question.reach().cover(question.within_m)
        yield f"MCLP {question.name}: cover matrix, from coordinates", process_time() - begin, "s cpu"
        quick, seconds = _timed(question, cover, Effort())
        yield f"MCLP {question.name}: answer with its proof", seconds, "s cpu"
        yield f"MCLP {question.name}: people served", quick.objective, "people"
        yield f"MCLP {question.name}: proven within", 100 * quick.gap, "%"
        if question is dense:
            continue
        exact, seconds = _timed(question, cover, Effort(exact_s=LIMIT_S))
        yield f"MCLP {question.name}: {'optimum, proven' if exact.optimal else 'no proof in time'}", seconds, "s cpu"
        yield f"MCLP {question.name}: people served at best", exact.objective, "people"
        if question is small:
            yield from _highs(question, cover, seconds)
    if spopt:
        yield from _spopt(small)


def _timed(question: Question, cover: CoverMatrix, effort: Effort) -> tuple[Siting, float]:
    begin = process_time()
    answer = solve_mclp(cover, question.people, Limits(p=P), effort=effort)
    return answer, process_time() - begin


def _highs(question: Question, cover: CoverMatrix, ours_s: float) -> Iterator[Row]:
    """Yield what HiGHS takes for the question as it stands, rows with equal cover sets merged."""
    begin = process_time()
    weight = cover.weigh(question.people)
    rows, sites = cover.n_rows, cover.n_candidates
    covers = csr_array((np.ones(len(cover.row)), cover.row, cover.start), shape=(sites, rows)).T
    count = csr_array(np.concatenate([np.zeros(rows), np.ones(sites)])[None, :])
    matrix = vstack([hstack([eye_array(rows), -covers]), count]).tocsr()
    found: Any = milp(
        -np.concatenate([weight, np.zeros(sites)]),
        constraints=LinearConstraint(matrix, -np.inf, np.concatenate([np.zeros(rows), [P]])),
        integrality=np.concatenate([np.zeros(rows), np.ones(sites)]),
        bounds=Bounds(0, 1),
        options={"time_limit": LIMIT_S},
    )
    seconds = process_time() - begin
    yield f"MCLP {question.name}: HiGHS on the whole (peer): {found.message[:24]}", seconds, "s cpu"
    yield f"MCLP {question.name}: people served by HiGHS", -found.fun, "people"
    yield f"MCLP {question.name}: HiGHS / ours", seconds / ours_s, "times"


def _spopt(question: Question) -> Iterator[Row]:
    """Yield what spopt with CBC takes, matrix of walks included; CBC runs as a process of its own."""
    import os

    import pulp
    from scipy.spatial.distance import cdist
    from spopt.locate import MCLP

    begin = os.times()
    walks = cdist(question.blocks, question.candidates)
    model = MCLP.from_cost_matrix(walks, question.people, question.within_m, P)
    model.solve(pulp.PULP_CBC_CMD(msg=False), results=False)
    end = os.times()
    seconds = sum(getattr(end, part) - getattr(begin, part) for part in ("user", "system", "children_user"))
    yield f"MCLP {question.name}: spopt with CBC (peer)", seconds, "s cpu"
    yield f"MCLP {question.name}: people served by spopt", float(pulp.value(model.problem.objective)), "people"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scale", nargs="?", type=float, default=1.0)
    parser.add_argument("--spopt", action="store_true")
    asked = parser.parse_args()
    for name, figure, unit in run(asked.scale, spopt=asked.spopt):
        print(f"{name:84s}{figure:14,.3f} {unit}", flush=True)
