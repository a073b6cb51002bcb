"""What the benefit may hang on: scientific quarrels decided the other way, and situations in which it may fail."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from thymos.lang.errors import StudyError
from thymos.lang.nearest import nearest
from thymos.therapy.recipient import recipient_models
from thymos.therapy.switches import switches_of
from thymos.trial.population import learnt_by

if TYPE_CHECKING:
    from thymos.io.study_schema import Study
    from thymos.trial.infusion import Infusion

QUARRELS = ("niche_number", "turnover_pair", "stroma_repair", "homing_scale", "allo_thymic")
"""Switches of the recipient that decide whether the product can help."""


@dataclass(frozen=True)
class Assumption:
    """One thing that is taken otherwise than in the study.

    pins    : parameters of the engine by full name: indicators of switches, covariates
    changes : fields of an infusion, unless the surface varies them
    """

    name: str
    text: str
    pins: Mapping[str, float] = field(default_factory=dict)
    changes: Mapping[str, float] = field(default_factory=dict)

    def of(self, infusion: Infusion) -> Infusion:
        """The infusion under this assumption."""
        return replace(infusion, **self.changes)  # type: ignore[arg-type]  # names of its fields


BASE = Assumption("as-known", "what is known, and the default of every quarrel")
SITUATIONS = (
    Assumption("involuted", "an involuted thymus: 60 years old", changes={"age": 60.0}),
    Assumption("late", "the infusion on day 60", changes={"day": 60.0}),
    Assumption("high-atg", "12 AU/mL of active ATG on the day of transplant", changes={"atg": 12.0}),
    Assumption(
        "atg-kills",
        "ATG kills at the upper end of what is plausible: 1/day, half of it at 0.2 AU/mL",
        pins={"serotherapy.atg_kill_max": 1.0, "serotherapy.atg_kill_half": 0.2},
    ),
    Assumption("cni", "under a calcineurin inhibitor", pins={"calcineurin_inhibitor": 1.0}),
    Assumption("two-doses", "a second infusion two weeks after the first", changes={"doses": 2}),
)


HOPES = (
    Assumption(
        "more-homing", "1 % of infused cells settle in an empty thymus", {"homing.homing_fraction": 0.01}
    ),
    Assumption(
        "more-yield", "300,000 T cells for each cell that settles", {"thymic_capacity.cells_per_seeding": 3e5}
    ),
)
"""Upper ends of the plausible range of what decides the benefit and is not known in people."""


def undecided(study: Study) -> set[str]:
    """Switches, by full name, that each draw of what is not known decides for itself."""
    drawn = {name.partition("=")[0] for name in learnt_by(study).values if "=" in name}
    said = {full for full in drawn for name in study.switches if name in (full, full.rpartition(".")[2])}
    return drawn - said


def hopes(open_: Collection[str] = ()) -> list[Assumption]:
    """What might make the product help more, each alone."""
    return [*quarrels(open_), *HOPES]


def together(those: Iterable[Assumption]) -> Assumption:
    """Several assumptions at once."""
    listed = list(those)
    pins = {name: value for one in listed for name, value in one.pins.items()}
    return Assumption("together", ", ".join(one.name for one in listed), pins)


def quarrels(open_: Collection[str] = ()) -> list[Assumption]:
    """Each quarrel decided for each choice that is not the default; for each choice at all where it is open."""
    return [
        _decided(full, choice)
        for full, declared in _switches().items()
        for choice in declared.choices[0 if full in open_ else 1 :]
    ]


def _switches() -> dict[str, Any]:
    known = switches_of(recipient_models())
    return {full: known[full] for q in QUARRELS for full in known if full.rpartition(".")[2] == q}


def _decided(full: str, choice: str) -> Assumption:
    declared = switches_of(recipient_models())[full]
    pins = {f"{full}={other}": float(other == choice) for other in declared.choices[1:]}
    return Assumption(f"{full.rpartition('.')[2]}={choice}", declared.text, pins)


def assumption_named(name: str) -> Assumption:
    """An assumption as it is typed: `cni`, `niche_number=fixed`; raises `StudyError` for another."""
    for known in (BASE, *SITUATIONS, *HOPES):
        if known.name == name:
            return known
    quarrel, _, choice = name.partition("=")
    switches = switches_of(recipient_models())
    full = [key for key in switches if quarrel in (key, key.rpartition(".")[2])]
    if not full:
        names = [
            *(a.name for a in (*SITUATIONS, *HOPES, *quarrels())),
            *(k.rpartition(".")[2] for k in switches),
        ]
        raise StudyError(
            "option --assume", f"one of {', '.join(dict.fromkeys(names))}", name, nearest(name, names)
        )
    choices = switches[full[0]].choices
    if choice not in choices:
        said = f"one of {', '.join(f'{quarrel}={c}' for c in choices)}"
        raise StudyError("option --assume", said, name, nearest(choice, choices))
    return _decided(full[0], choice)


def assumptions_named(
    names: Iterable[str], varied: Collection[str], open_: Collection[str] = ()
) -> list[Assumption]:
    """What is known, then each of `names`; `all` stands for every one that does not fix what is `varied`.

    open_ : switches that draws decide (`undecided`)
    """
    found = [BASE]
    for name in names:
        if name == "all":
            free = [a for a in SITUATIONS if not set(a.changes) & set(varied)]
            found += [*quarrels(open_), *free]
        else:
            found.append(assumption_named(name))
    for one in found:
        if clash := set(one.changes) & set(varied):
            wanted = f"an assumption that leaves {', '.join(sorted(clash))} to the surface"
            raise StudyError("option --assume", wanted, one.name, "leave it out, or vary something else")
    return list({one.name: one for one in found}.values())
