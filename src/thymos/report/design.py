"""The next experiment, shown: what would be chosen now, the runs to make, why, and whether to stop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from thymos.report import words
from thymos.report.terminal import plain

if TYPE_CHECKING:
    from rich.console import Console

FACTORS = {
    "dl4": ("DL4", "ug/mL"),
    "integrin_ligand": ("integrin ligand", ""),
    "scf": ("SCF", "ng/mL"),
    "il7": ("IL-7", "ng/mL"),
    "tpo": ("TPO", "ng/mL"),
    "flt3l": ("Flt3L", "ng/mL"),
    "tnf": ("TNF", "ng/mL"),
    "il3": ("IL-3", "ng/mL"),
    "il15": ("IL-15", "ng/mL"),
    "seeding_density": ("seeded", "cell/mL"),
    "days": ("day", ""),
}
READOUTS = words.LOT | {
    "nk_per_cd34": "NK cells per CD34+ seeded",
    "nk_percent": "CD56+CD3\N{MINUS SIGN} purity",
}
HEADS = {"cd7_per_cd34": "yield", "cd7_percent": "pure %", "nk_per_cd34": "yield", "nk_percent": "pure %"}
UNLIKELY = 0.01  # a chance to be the best below which a run is made for what it tells
EDGE = 0.1  # a share of donors so near to the one asked for is not yet told from it


def reason(run: dict[str, Any], probability: float = 0.0) -> str:
    """Why a run is proposed, in one sentence."""
    if "tells" in run:
        return f"Tells most of {words.spoken(run['tells'])}, of the parameters asked for."
    on = run["turns_on"]
    r = words.signed(f"{on['r']:+.2f}")
    hangs = f"its {readout(on['readout'])} hangs most on {words.spoken(on['name'])} (r {r})"
    if run["recommended"]:
        return f"What would be chosen now, made again to see whether it holds: {hangs}."
    if abs(run["holds"] - probability) < EDGE:
        return (
            f"At the edge of the purity asked for ({words.percent(run['holds'])} of lots hold it): {hangs}."
        )
    if run["best"] < UNLIKELY:
        return f"Hardly the best itself, but telling of the others: {hangs}."
    return f"The best with a chance of {words.percent(run['best'])}: {hangs}."


def readout(name: str) -> str:
    """A readout in words, within a sentence."""
    text = READOUTS.get(name, name.replace("_", " "))
    return text[0].lower() + text[1:] if text[:2].istitle() else text


def show(found: dict[str, Any], console: Console) -> None:
    """Print what the search found."""
    console.print(f"{found['title']}  (simulated, {words.GRAFTS[found['source']]})", style="bold")
    console.print(basis(found), style="dim")
    console.print()
    for line in filter(None, (misfit(found), *standing(found))):
        console.print(line)
    if found["runs"]:
        console.print()
        console.print(batch(found))
        console.print()
        for i, run in enumerate(found["runs"], start=1):
            console.print(f"{i:>3}  {run['reason']}")
    console.print()
    console.print(verdict(found))


def basis(found: dict[str, Any]) -> str:
    """What the proposal rests on."""
    seen, members = found["seen"], found["members"]
    runs = f"{seen['runs']} runs of {seen['donors']} donors" if seen["runs"] else "no run yet"
    left = f"{words.count(members['effective'])} of {words.count(members['drawn'])} members left"
    renewed = ", new ones drawn in their place" if members["renewed"] else ""
    unread = f", {seen['unused_readings']} readings that the aim does not read: fit them and give --draws"
    unused = unread if seen["unused_readings"] else ""
    budget = found["budget"]
    spent = f"{words.number(budget['spent'])} of {words.number(budget['total'])} spent"
    return f"{runs}{unused} · {left}{renewed} · {spent} · seed {found['seed']}"


def misfit(found: dict[str, Any]) -> str:
    """A warning where the runs part from the model by more than the design says it may miss; else nothing."""
    scale = found.get("discrepancy", 1.0)
    if scale <= 1:
        return ""
    return (
        f"The runs part from the model by about {words.number(scale)} times what the design says it may miss: "
        "the proposal rests more on the runs than on the mechanism."
    )


def standing(found: dict[str, Any]) -> list[str]:
    """What is known now: the choice and its prospects, or how well the parameters are known."""
    if "parameters" in found:
        return [
            f"{words.spoken(name)}: {words.percent(p['before'])} of the doubt before any run"
            + (f", {words.percent(p['after'])} after this batch" if found["runs"] else "")
            for name, p in found["parameters"].items()
        ]
    best, purity = found["recommended"], found["aim"]["purity"]
    asked = f"{words.number(purity['at_least'])}% in {words.percent(purity['probability'])} of lots"
    lines = [f"If you stop now: {settings(best['settings'])}"]
    for name, value in best["predicted"].items():
        lines.append(
            f"  {READOUTS.get(name, name)}: {quantity(value)} in the next donor (median, 90% of lots)"
        )
    held = best["holds"] >= purity["probability"]
    lines.append(
        f"  Holds its purity in {words.percent(best['holds'])} of lots; asked for: {asked}{'' if held else ' (missed)'}"
    )
    lines.append(
        f"  Worth {words.number(best['worth'])}, as what fails its purity counts 0; "
        f"knowing everything would be expected to add {words.number(found['expected_loss'])}"
    )
    return lines


def quantity(value: dict[str, Any]) -> str:
    """Median and interval with the unit."""
    unit = words.unit(value["unit"])
    return f"{words.number(value['median'])}{unit} ({words.span(value['low'], value['high'])})"


def settings(values: dict[str, float]) -> str:
    """Settings in one line."""
    parts = []
    for name, x in values.items():
        text, unit = FACTORS[name]
        parts.append(f"{text} {x:g}{words.unit(unit) if unit else ''}")
    return ", ".join(parts)


def batch(found: dict[str, Any]) -> Any:
    """The runs to make."""
    runs = found["runs"]
    yields = "predicted" in runs[0]
    names = list(runs[0]["settings"])
    heads = [" ".join(filter(None, (FACTORS[n][0], words.unit(FACTORS[n][1]).strip()))) for n in names]
    outcome = [HEADS.get(n, n) for n in found["units"]] + ["holds"] if yields else []
    gain = "gain alone" if yields else "nat"
    table = plain("Next batch", "run", "donor", *heads, *outcome, gain, "cost")
    for i, run in enumerate(runs, start=1):
        expected = [words.number(v["median"]) for v in run.get("predicted", {}).values()]
        held = [words.percent(run["holds"])] if yields else []
        doses = [f"{x:g}" for x in run["settings"].values()]
        table.add_row(
            str(i),
            run["donor"],
            *doses,
            *expected,
            *held,
            words.number(run["gain_alone"], 2),
            words.number(run["cost"]),
        )
    return table


def verdict(found: dict[str, Any]) -> str:
    """Whether to go on, and why."""
    if "parameters" in found:
        return _knowledge(found)
    worth, limits = found["recommended"]["worth"], found["limits"]
    loss = f"{words.percent(found['expected_loss'] / worth)}" if worth > 0 else "all"
    if found["verdict"] == "settled":
        return (
            f"Stop: it holds its purity, and knowing everything would add {loss} of its worth, "
            f"no more than {words.percent(limits['loss'])}."
        )
    if found["verdict"] == "spent":
        return f"Stop: the {words.number(found['budget']['left'])} left of the budget pay for no run."
    highest = found["highest_worth"]
    gain = f"{words.percent(found['gain'] / highest)}" if highest > 0 else words.number(found["gain"])
    if found["verdict"] == "little":
        missed = found["recommended"]["holds"] < found["aim"]["purity"]["probability"]
        besides = "; nothing here is expected to hold the purity asked for" if missed else ""
        limit = words.percent(limits["gain"])
        raised = f"would be expected to raise the highest worth of any protocol by {gain}"
        return f"Stop: the best next batch {raised}, less than {limit}{besides}."
    cost = f"for {words.number(found['cost'])} of the {words.number(found['budget']['left'])} left"
    return f"Go on: this batch is expected to raise the highest worth of any protocol by {gain}, {cost}."


def _knowledge(found: dict[str, Any]) -> str:
    gain = f"{words.number(found['gain'])} nat"
    if found["verdict"] == "spent":
        return "Stop: what is left of the budget pays for no run."
    if found["verdict"] == "little":
        return f"Stop: the most telling batch would add {gain} on the parameters asked for."
    return f"Go on: this batch is expected to add {gain} on the parameters asked for."
