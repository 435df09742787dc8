"""What people have, compared: between groups, from the least to the most, and along the rank of poor and rich."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from geopandas import GeoDataFrame
from numpy.typing import NDArray

from geocommons.analysis.amounts import Floats
from geocommons.analysis.equity.concentration import concentration_index
from geocommons.analysis.equity.inequality import gini, lorenz_curve, palma_ratio, theil
from geocommons.analysis.equity.rates import FEW_PEOPLE, REST, rates_by_group, wilson_interval
from geocommons.analysis.service.coverage import group_columns
from geocommons.usecases.analyses.service.ground import OUTSIDE
from geocommons.usecases.questions.question import number

PARTS = 100
"""A Lorenz curve is kept at each hundredth of the people."""
DIGITS = 6


@dataclass(frozen=True, eq=False)
class Outcome:
    """What people have by place (NaN: not known), and the `burden`, which is the higher the worse.

    `bounds` are those of a share. `unreachable` people can reach no site; `left_out` of them have no value for that.
    """

    people: Floats
    value: Floats
    burden: Floats
    bounds: tuple[float, float] | None = None
    unreachable: float = 0.0
    left_out: float = 0.0

    @property
    def known(self) -> NDArray[np.bool_]:
        """Where people live whose value is known."""
        return np.asarray(~np.isnan(self.value) & (self.people > 0))

    @property
    def mean(self) -> float | None:
        """The mean of everybody whose value is known; of a share it is that of the people who lack it."""
        return _mean(self.people, self.measured, self.known)

    @property
    def interval(self) -> list[float] | None:
        """The range of the rate of everybody (Wilson), None where what is compared is no rate."""
        people = float(self.people[self.known].sum())
        if self.bounds is None or not people > 0:
            return None
        return [round(end, 4) for end in wilson_interval(float((self.people * self.burden)[self.known].sum()), people)]

    @property
    def measured(self) -> Floats:
        """What groups are compared by: the share of people out of reach, metres, or what each has."""
        return self.value if self.bounds is None else self.burden


def by_group(outcome: Outcome, frame: GeoDataFrame, reference: str) -> list[dict[str, Any]]:
    """Return what each group has beside a reference, or beside everybody else; small groups have no figures."""
    names = [name.removeprefix("group_") for name in group_columns(frame)]
    counts = {name: np.asarray(frame[f"group_{name}"], dtype=np.float64) for name in names}
    if outcome.bounds is None:
        return [_mean_row(outcome, counts, name, reference) for name in names]
    known = outcome.known
    lacking = [float((counts[name] * outcome.burden)[known].sum()) for name in names]
    everybody = float((outcome.people * outcome.burden)[known].sum()), float(outcome.people[known].sum())
    rows = rates_by_group(
        names, lacking, [float(counts[name][known].sum()) for name in names], reference=reference, total=everybody
    )
    return [
        {"name": row.name, "people": number(row.people), "value": _short(row.rate), "low": _short(row.low),
         "high": _short(row.high), "difference": _short(row.difference), "ratio": _short(row.ratio), "few": row.few}
        for row in rows
    ]  # fmt: skip


def _mean_row(outcome: Outcome, counts: dict[str, Floats], name: str, reference: str) -> dict[str, Any]:
    """Return the mean of a group, and that of those it is compared with."""
    own = counts[name]
    other = np.maximum(outcome.people - own, 0.0) if reference == REST else counts[reference]
    people, rest = (float(number_of[outcome.known].sum()) for number_of in (own, other))
    row: dict[str, Any] = dict.fromkeys(("value", "low", "high", "difference", "ratio"))
    row |= {"name": name, "people": number(people), "few": people < FEW_PEOPLE}
    mean, compared = (_mean(weights, outcome.measured, outcome.known) for weights in (own, other))
    if row["few"] or mean is None:
        return row
    row["value"] = _short(mean)
    if rest >= FEW_PEOPLE and compared is not None:
        row |= {"difference": _short(mean - compared), "ratio": _short(mean / compared) if compared > 0 else None}
    return row


def inequality(outcome: Outcome, frame: GeoDataFrame) -> dict[str, Any]:
    """Return how unequally it is spread: Gini, Palma, Theil's T with what lies between districts, the Lorenz curve."""
    known = outcome.known
    values, people = outcome.value[known], outcome.people[known]
    districts = None
    if "district" in frame:
        districts = frame["district"].astype(object).where(frame["district"].notna(), OUTSIDE).to_numpy()[known]
    spread, curve = theil(values, people, districts), lorenz_curve(values, people)
    at = np.linspace(0, 1, PARTS + 1)
    return {
        "gini": _short(gini(values, people)),
        "palma": _short(palma_ratio(values, people)),
        "theil": None if spread is None else _short(spread.total),
        "between": None if spread is None or districts is None else _short(spread.between),
        "between_share": None if spread is None or districts is None else _short(spread.between_share),
        "lorenz": [] if curve is None else np.round(np.interp(at, curve.people_share, curve.value_share), 4).tolist(),
    }


def gathering(outcome: Outcome, frame: GeoDataFrame, rank: str | None) -> dict[str, Any] | None:
    """Return whether what is compared gathers at the low end of a rank: where most of a group live, or low figures."""
    if rank is None:
        return None
    ranked = np.asarray(frame[rank], dtype=np.float64)
    if rank.startswith("group_"):
        ranked = -np.divide(ranked, outcome.people, out=np.zeros(len(ranked)), where=outcome.people > 0)
    known = outcome.known & np.isfinite(ranked)
    if not known.any():
        return None
    found = concentration_index(outcome.measured[known], ranked[known], outcome.people[known], bounds=outcome.bounds)
    return {"by": rank.removeprefix("group_"), "group": rank.startswith("group_"), "index": _short(found.index),
            "erreygers": _short(found.erreygers)}  # fmt: skip


def _mean(weights: Floats, values: Floats, known: NDArray[np.bool_]) -> float | None:
    total = float(weights[known].sum())
    return float((weights[known] * values[known]).sum()) / total if total > 0 else None


def _short(figure: float | None) -> float | None:
    return None if figure is None else round(float(figure), DIGITS)
