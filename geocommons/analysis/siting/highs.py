"""The one door to HiGHS (Huangfu & Hall 2018): a model in, a choice and what it proves out."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from geocommons.analysis.siting.by_candidate import Floats, Ints


@dataclass(frozen=True, eq=False)
class Model:
    """Maximise `worth` over columns within bounds, rows of the matrix at most `most`.

    Columns from `first` on are candidates, and integer.
    """

    worth: Floats
    lower: Floats
    upper: Floats
    matrix: Any
    most: Floats
    first: int


@dataclass(frozen=True, eq=False)
class Exact:
    """The best choice found (None: none), what none exceeds, and whether the search came to an end.

    `price` is by row of the model what one more of `most` would be worth, of a relaxed model only.
    """

    chosen: Ints | None
    bound: float
    finished: bool
    price: Floats | None = None


def run_model(model: Model, start: Ints | None, seconds: float, gap: float, *, first_will_do: bool = False) -> Exact:
    """Return the best choice; one thread and one seed, so that the same question takes the same way.

    `finished` says that choice and bound meet within the gap, or that there is no choice.
    """
    import highspy

    gap = max(gap, 1e-6)
    solver = _solver(model, seconds)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", gap)
    if first_will_do:
        solver.setOptionValue("mip_max_improving_sols", 1)
    continuous, integer = highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger
    kinds = [continuous] * model.first + [integer] * (len(model.worth) - model.first)
    solver.changeColsIntegrality(len(kinds), np.arange(len(kinds), dtype=np.int32), np.array(kinds))
    if start is not None:
        solver.setSolution(len(start), (model.first + start).astype(np.int32), np.ones(len(start)))
    solver.run()
    status, info = solver.getModelStatus(), solver.getInfo()
    feasible = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values, bound = np.array(solver.getSolution().col_value), float(info.mip_dual_bound)
    left = bound - float((model.worth * values).sum()) if feasible else np.inf
    closed = left <= max(gap, 1e-6 * max(1.0, abs(bound)))
    if start is not None and status == highspy.HighsModelStatus.kOptimal and not closed:
        # HiGHS 1.16 hands the start back where its presolve makes the best of it; what it says of the bound is right.
        return run_model(model, None, max(seconds - solver.getRunTime(), 1.0), gap, first_will_do=first_will_do)
    chosen = np.flatnonzero(values[model.first :] > 0.5) if feasible else None
    # Every column has bounds, so what presolve calls unbounded or infeasible is infeasible.
    nothing = (highspy.HighsModelStatus.kInfeasible, highspy.HighsModelStatus.kUnboundedOrInfeasible)
    return Exact(chosen, bound, closed or status in nothing)


def relax_model(model: Model, seconds: float) -> Exact:
    """Return the prices of rows when sites may be chosen in parts; no choice comes with them."""
    import highspy

    solver = _solver(model, seconds)
    solver.run()
    finished = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    price = np.array(solver.getSolution().row_dual) if finished else np.zeros(len(model.most))
    return Exact(None, float(solver.getInfo().objective_function_value), finished, price)


def _solver(model: Model, seconds: float) -> Any:
    import highspy

    infinity = highspy.kHighsInf
    solver: Any = highspy._core._Highs()  # the bare solver: its Python cover prints a banner to the shell's output
    for name, value in (("output_flag", False), ("threads", 1), ("random_seed", 0), ("time_limit", float(seconds))):
        solver.setOptionValue(name, value)
    linear: Any = highspy.HighsLp()
    linear.num_col_, linear.num_row_ = len(model.worth), len(model.most)
    linear.sense_ = highspy.ObjSense.kMaximize
    linear.col_cost_, linear.col_lower_, linear.col_upper_ = model.worth, model.lower, model.upper
    linear.row_lower_, linear.row_upper_ = np.full(len(model.most), -infinity), model.most
    linear.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    linear.a_matrix_.start_, linear.a_matrix_.index_ = model.matrix.indptr, model.matrix.indices
    linear.a_matrix_.value_ = model.matrix.data
    solver.passModel(linear)
    return solver
