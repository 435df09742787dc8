"""What each chart says: lengths, steps, gaps and the table behind, counted by hand."""

import re
from datetime import date
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from geocommons.errors import InvalidInput
from geocommons.files.charts.bars import Bar, bar_chart, histogram, share_chart
from geocommons.files.charts.chart import Chart, ChartText
from geocommons.files.charts.curves import Curve, SurvivalCurve, distance_curve, lorenz_chart, survival_chart
from geocommons.files.charts.lettering import fit, width_of
from geocommons.files.charts.network import Edge, Node, network_chart
from geocommons.files.charts.plot import Axis, round_ticks, rounded_up
from geocommons.files.charts.points import scatter_chart
from geocommons.files.charts.series import Series, time_series
from tests.files.charts.make import count, share

SVG = "{http://www.w3.org/2000/svg}"


def words(*columns: str) -> ChartText:
    """Return the words of a plain chart."""
    return ChartText(title="T", description="D", columns=columns)


def shapes(chart: Chart, role: str, tag: str) -> list[ElementTree.Element]:
    """Return the shapes of a role on the wide drawing."""
    groups = [one for one in ElementTree.fromstring(chart.wide) if one.get("class") == f"chart-{role}"]
    return [shape for group in groups for shape in group.findall(SVG + tag)]


def corners(shape: ElementTree.Element) -> list[tuple[float, float]]:
    """Return the points of a path."""
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+)", shape.attrib["d"])]


def test_bars_are_as_long_as_their_figures() -> None:
    chart = bar_chart(
        [Bar(label=name, value=value) for name, value in (("a", 0.25), ("b", 0.5), ("c", None), ("d", 0.001))],
        words("Name", "Share"), form=share, high=1.0,
    )  # fmt: skip
    whole = float(shapes(chart, "track", "rect")[0].attrib["width"])
    lengths = [float(bar.attrib["width"]) for bar in shapes(chart, "bar", "rect")]
    assert lengths == pytest.approx([whole / 4, whole / 2, 1.5], abs=0.02)
    assert chart.rows == (("a", "25%"), ("b", "50%"), ("c", "–"), ("d", "0%"))


def test_bars_below_zero_lie_on_the_other_side_of_it() -> None:
    chart = bar_chart([Bar(label="less", value=-2), Bar(label="more", value=2)], words("Name", "n"), form=count)
    less, more = shapes(chart, "bar", "rect")
    assert float(less.attrib["x"]) + float(less.attrib["width"]) == pytest.approx(float(more.attrib["x"]), abs=0.02)


def test_an_interval_has_columns_of_its_own_in_the_table() -> None:
    bars = [Bar(label="a", value=0.5, low=0.4, high=0.6, note="*"), Bar(label="b", value=0.1)]
    chart = bar_chart(bars, words("Name", "Share", "Low", "High"), form=share)
    assert chart.rows == (("a", "50% *", "40%", "60%"), ("b", "10%", "–", "–"))
    with pytest.raises(ValueError, match="not as long as the heads"):
        bar_chart(bars, words("Name", "Share"), form=share)


def test_shares_fill_the_whole_bar_and_nothing_has_no_share() -> None:
    chart = share_chart([("a", (1, 3)), ("b", (0, 0))], ["yes", "no"], words("Name"), form=share)
    assert chart.columns == ("Name", "yes", "no")
    assert chart.rows == (("a", "25%", "75%"), ("b", "–", "–"))
    (yes,), (no,) = ([one for one in shapes(chart, f"part-{n}", "rect") if one.find(f"{SVG}title") is not None]
                     for n in (1, 2))  # fmt: skip
    assert (float(no.attrib["width"]) + 1.5) / (float(yes.attrib["width"]) + 1.5) == pytest.approx(3, abs=0.01)


def test_parts_and_bars_have_the_tones_of_a_map_beside_them() -> None:
    chart = share_chart([("a", (1, 3))], ["one", "nobody"], words("Name"), form=share, tones=["1", "free"])
    assert 'class="chart-part-1"' in chart.svg and 'class="chart-part-free"' in chart.svg
    assert "chart-part-2" not in chart.svg and 'class="chart-knock"' in chart.svg, "what nobody holds is striped"
    bars = bar_chart([Bar(label="a", value=1, tone=3)], words("m", "n"), form=share)
    assert 'class="chart-part-3"' in bars.svg and 'class="chart-bar"' not in bars.svg


def test_a_histogram_says_from_and_up_to() -> None:
    chart = histogram([0, 10, 30], [4, 8], words("From", "To", "n"), form=count, x_form=count)
    assert chart.rows == (("0", "10", "4"), ("10", "30", "8"))
    low, high = shapes(chart, "bar", "rect")
    assert float(high.attrib["height"]) == pytest.approx(2 * float(low.attrib["height"]), abs=0.02)


def test_a_distance_curve_is_read_at_round_distances_and_nowhere_beyond() -> None:
    curves = [Curve(label="all", xs=[0, 1000], ys=[0, 1]), Curve(label="some", xs=[0, 400], ys=[0, 0.4])]
    chart = distance_curve(curves, words("Distance"), form=share, x_form=count)
    assert ("500", "50%", "–") in chart.rows and ("250", "25%", "25%") in chart.rows


def test_a_lorenz_curve_names_its_gini_and_tells_each_tenth() -> None:
    halves = Curve(label="plots", xs=[0, 0.5, 1], ys=[0, 0, 1])
    chart = lorenz_chart([halves], words("People"), form=share, ginis=["0.50"])
    assert chart.columns == ("People", "plots (Gini 0.50)")
    assert chart.rows[5] == ("50%", "0%") and chart.rows[10] == ("100%", "100%") and chart.rows[8] == ("80%", "60%")


def test_survival_goes_down_in_steps_and_holds_until_the_last_day_watched() -> None:
    curve = SurvivalCurve(label="gardens", times=[2, 4], survival=[0.5, 0.25], low=[0.4, 0.1], high=[0.6, 0.4],
                          censored=[1, 3, 3], until=10)  # fmt: skip
    chart = survival_chart([curve], words("Months"), form=share, x_form=count)
    steps = corners(shapes(chart, "line-1", "path")[0])
    assert len(steps) == 6
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(steps))
    ticks = [corners(tick) for tick in shapes(chart, "tick-1", "path")]
    middles = [(tick[0][0], (tick[0][1] + tick[1][1]) / 2) for tick in ticks]
    assert [y for _, y in middles] == pytest.approx([steps[0][1], steps[2][1]])
    assert chart.rows == (("0", "100%"), ("5", "25% (10% – 40%)"), ("10", "25% (10% – 40%)"))


def test_no_line_crosses_a_month_without_a_figure() -> None:
    months = [date(2025, month, 1) for month in (1, 2, 3, 4, 6, 7)]
    series = [Series(label="served", values=[0.1, 0.2, None, 0.4, 0.5, 0.6])]
    chart = time_series(months, series, words("Month"), form=share, month_form=lambda day: f"{day:%b}", high=1.0)
    lines = [corners(line) for line in shapes(chart, "line-1", "path")]
    assert [len(line) for line in lines] == [2, 1, 2]
    assert len(shapes(chart, "dot-1", "circle")) == 5
    assert chart.rows[2] == ("Mar", "–")


def test_nodes_grow_with_their_ties_and_stand_apart() -> None:
    nodes = [Node(label=name) for name in "abcd"]
    chart = network_chart(nodes, [Edge(a=0, b=1), Edge(a=0, b=2), Edge(a=0, b=3)], words("Name", "Ties"), form=count)
    assert chart.rows == (("a", "3"), ("b", "1"), ("c", "1"), ("d", "1"))
    circles = shapes(chart, "node", "circle")
    radii = sorted(float(one.attrib["r"]) for one in circles)
    assert radii[-1] > radii[0] == radii[2]
    places = [complex(float(one.attrib["cx"]), float(one.attrib["cy"])) for one in circles]
    assert min(abs(a - b) for n, a in enumerate(places) for b in places[:n]) > 30


@pytest.mark.parametrize("size", [0, 1, 2, 300])
def test_a_network_of_any_size_is_drawn(size: int) -> None:
    nodes = [Node(label=f"n{n}") for n in range(size)]
    edges = [Edge(a=n, b=n // 2) for n in range(size)]
    assert network_chart(nodes, edges, words("Name", "Ties"), form=count).svg.count("<circle") == size


def test_marked_points_come_first_in_the_table_and_are_rings() -> None:
    chart = scatter_chart(
        ["a", "b"], [0, 1], [0, 1], words("Name", "x", "y"), form=count, marked=[False, True], slope=1
    )
    assert [row[0] for row in chart.rows] == ["b", "a"]
    assert len(shapes(chart, "point-marked", "circle")) == len(shapes(chart, "point", "circle")) == 1


def test_nothing_at_all_is_still_a_chart() -> None:
    assert bar_chart([], words("Name", "n"), form=count).svg
    assert scatter_chart([], [], [], words("Name", "x", "y"), form=count).svg
    assert survival_chart([SurvivalCurve(label="", times=(), survival=())], words("m"), form=share, x_form=count).wide
    assert distance_curve([Curve(label="", xs=[], ys=[])], words("m"), form=share, x_form=count).wide


def test_what_nobody_could_read_is_refused() -> None:
    lines = [Curve(label=str(n), xs=[0, 1], ys=[0, 1]) for n in range(6)]
    with pytest.raises(InvalidInput, match="6 lines cannot be told apart"):
        distance_curve(lines, words("m"), form=share, x_form=count)
    with pytest.raises(InvalidInput, match="parts cannot be told apart"):
        share_chart([], [], words("m"), form=share)
    with pytest.raises(InvalidInput, match="one edge more"):
        histogram([0, 1], [1, 2], words("a", "b", "c"), form=count, x_form=count)
    with pytest.raises(InvalidInput, match="301 nodes"):
        network_chart([Node(label="")] * 301, [], words("a", "b"), form=count)
    with pytest.raises(InvalidInput, match="a month at least"):
        time_series([], [], words("m"), form=count, month_form=str)


def test_ticks_are_round_and_few() -> None:
    assert round_ticks(0, 1) == [0, 0.25, 0.5, 0.75, 1]
    assert round_ticks(0, 1970) == [0, 500, 1000, 1500]
    assert round_ticks(-0.3, 0.8) == [0, 0.5]
    assert round_ticks(3, 3) == [3]
    assert round_ticks(0, 10) == [0, 5, 10]
    assert Axis(low=0, high=2, form=count).at() == [0, 1, 2]
    assert [rounded_up(one) for one in (0, 7, 23, 1.1, 4_000)] == [1, 8, 25, 1.2, 4_000]


def test_words_are_cut_to_their_room() -> None:
    assert fit("Old Mill Stream", 1000) == ["Old Mill Stream"]
    lines = fit("a long name of a place that nobody can say in one breath", 120, lines=2)
    assert len(lines) == 2 and lines[1].endswith("…") and all(width_of(line) <= 120 for line in lines)
    assert fit("", 100) == [] and fit("Wide", 1) == ["…"]
