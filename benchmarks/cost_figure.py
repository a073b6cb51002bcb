"""The cost curve as a picture for the documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

COLOURS = {"recipient": "#0072B2", "culture": "#D55E00", "chain": "#009E73"}  # Okabe and Ito
MARKERS = {"recipient": "o", "culture": "s", "chain": "^"}


def draw(said: dict[str, Any], into: Path) -> None:
    """Three panels: over patients, over states, over the error reached."""
    from thymos.report.canvas import drawing

    with drawing(10.5, 3.9) as figure:
        over_patients, over_states, over_error = figure.subplots(1, 3)
        _patients(over_patients, said["patients"])
        _states(over_states, said["states"])
        _error(over_error, said["tolerances"])
        m = said["machine"]
        figure.supxlabel(
            f"One core of {m['processor']}, processor time, {m['date']}; load of the machine {m['load']:.1f}",
            fontsize=8,
            x=0.01,
            ha="left",
        )
        figure.savefig(into, dpi=150, metadata={"Date": None} if into.suffix == ".svg" else None)


def _line(axes: Any, name: str, x: list[float], y: list[float], **style: Any) -> None:
    axes.loglog(x, y, marker=MARKERS[name], color=COLOURS[name], markersize=5, label=name, **style)


def _patients(axes: Any, found: dict[str, list[dict[str, float]]]) -> None:
    for name, rows in found.items():
        _line(axes, name, [r["patients"] for r in rows], [r["seconds"] for r in rows])
    axes.set(title="Patients", xlabel="patients", ylabel="seconds of one core, rtol 1e-6")
    axes.legend(frameon=False)


def _states(axes: Any, rows: list[dict[str, Any]]) -> None:
    for name in dict.fromkeys(r["system"] for r in rows):
        own = [r for r in rows if r["system"] == name]
        _line(axes, name, [r["states"] for r in own], [1e6 * r["seconds_per_step"] for r in own])
    ticks = [r["states"] for r in rows if r["system"] == "chain"]
    axes.set_xticks(ticks, [f"{t}" for t in ticks])
    axes.set(title="States", xlabel="states of the system", ylabel="microseconds for a step of a patient")
    axes.legend(frameon=False)


def _error(axes: Any, found: dict[str, list[dict[str, float]]]) -> None:
    for name, rows in found.items():
        cost = [1e3 * r["seconds"] for r in rows]
        _line(axes, name, [r["error_median"] for r in rows], cost)
        _line(axes, name, [r["error_max"] for r in rows], cost, linestyle=":", alpha=0.6)
        for row, y in zip(rows, cost, strict=True):
            axes.annotate(
                f"{row['rtol']:.0e}".replace("e-0", "e-"),
                (row["error_median"], y),
                xytext=(6, -8),
                textcoords="offset points",
                fontsize=7,
            )
    axes.invert_xaxis()
    axes.set(
        title="Error reached",
        xlabel="error, median (line) and largest (dots)\nlabels: rtol",
        ylabel="milliseconds of one core for a patient",
    )
