"""Forecasts of several methods on the same targets, gathered and scored by horizon."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict

import numpy as np

from thymos.inference.scores import scores

HORIZONS = ((1, 3), (4, 7), (8, 14), (15, 10_000))


def classes(horizons=HORIZONS):
    """Ends of the classes of distance, as `LastValue` takes them."""
    return [end for _, end in horizons[:-1]]


class Gathered:
    """Draws of each method beside what was then seen; all methods forecast the same targets."""

    def __init__(self, floor, horizons=HORIZONS):
        self.floor, self.horizons = floor, horizons
        self.parts = defaultdict(list)

    def add(self, method, draws, seen, distance, given):
        """One forecast: draws (draw, day) and values (day,) as logarithms, days ahead, and the day it was made on."""
        self.parts[method].append((draws, seen, distance, np.full(len(seen), given)))

    def joined(self, method):
        draws, *rest = zip(*self.parts[method], strict=True)
        return np.concatenate(draws, axis=1), *(np.concatenate(part) for part in rest)

    def scored(self, method, which=None):
        """Scores of the targets that `which` picks, a function of distance and the day of the forecast."""
        draws, seen, distance, given = self.joined(method)
        here = np.ones(len(seen), dtype=bool) if which is None else which(distance, given)
        return scores(draws[:, here], seen[here], self.floor) if here.any() else None

    def table(self):
        """Rows (method, horizon) and pooled, as JSON holds them."""
        rows = []
        for method in self.parts:
            for low, high in self.horizons:
                found = self.scored(method, lambda d, g, low=low, high=high: (d >= low) & (d <= high))
                if found is not None:
                    end = f"{low} or more" if high >= 10_000 else f"{low}-{high}"
                    rows.append({"method": method, "days ahead": end, **asdict(found)})
            rows.append({"method": method, "days ahead": "all", **asdict(self.scored(method))})
        return rows


def markdown(rows):
    """The table as Markdown."""
    head = (
        "| forecast | days ahead | n | CRPS | log score | 80 % hold | 95 % hold | fold error |\n"
        + 8 * "|---"
        + "|\n"
    )
    return head + "".join(
        f"| {r['method']} | {r['days ahead']} | {r['n']} | {r['crps']:.3f} | {r['log_score']:.2f} |"
        f" {100 * r['inside80']:.0f} % | {100 * r['inside95']:.0f} % | {r['fold_error']:.2f} |\n"
        for r in rows
    )


def draw(rows, path, title):
    """CRPS by horizon, a line for each method."""
    from thymos.report.canvas import drawing, save
    from thymos.report.palette import TREATED, TWIN

    styles = dict(
        zip(
            dict.fromkeys(r["method"] for r in rows), (TREATED[0], TWIN, TREATED[1], TREATED[2]), strict=False
        )
    )
    with drawing(8.5, 3.6) as figure:
        left, right = figure.subplots(1, 2)
        for method, style in styles.items():
            own = [r for r in rows if r["method"] == method and r["days ahead"] != "all"]
            at = range(len(own))
            left.plot(at, [r["crps"] for r in own], style.marker, ls="-", color=style.colour, label=method)
            right.plot(at, [100 * r["inside80"] for r in own], style.marker, ls="-", color=style.colour)
            right.plot(at, [100 * r["inside95"] for r in own], style.marker, ls=":", color=style.colour)
        for axes in (left, right):
            axes.set_xticks(at, [r["days ahead"] for r in own])
            axes.set_xlabel("days ahead")
        left.set(title=title, ylabel="CRPS of ln count", ylim=(0, None))
        right.set(title="Held by 80 % (solid) and 95 % (dotted)", ylabel="share [%]", ylim=(0, 102))
        right.axhline(80, color="#9aa5b1", lw=0.8)
        right.axhline(95, color="#9aa5b1", lw=0.8)
        left.legend(frameon=False, fontsize=8)
        save(figure, path, title)
