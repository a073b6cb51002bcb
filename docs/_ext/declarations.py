"""The reference, made from the declarations: models, parameters, switches, sources and the command line.

Pages are written into `docs/reference/` before Sphinx reads its sources, and only where the text changed: an
unchanged page is not built again. They are not kept in git.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.util import logging

from thymos.evidence.bibliography import references
from thymos.evidence.distributions import Distribution
from thymos.evidence.values import Grade, Value, inspect_rows
from thymos.lang.declare import Declaration
from thymos.lang.diagram import joints
from thymos.lang.equations import Statement, statements
from thymos.lang.model import Model

log = logging.getLogger(__name__)
MADE = "<!-- Made from the declarations when the documentation is built; change those. -->\n"
VALUE_HEAD = ("name", "value, 95 %", "how well known; how people differ", "grade", "rests on")
BREAK = "<br/>"


@dataclass(frozen=True)
class Entry:
    """One model, the stage that lists it, and its page."""

    stage: str
    kind: type[Model]

    @property
    def page(self) -> str:
        """File of its page, without suffix."""
        return f"{self.stage}-{self.kind.named().replace('_', '-')}"

    def link(self, text: str, folder: str = "models/") -> str:
        """`text` as a link to its page, from a page in `docs/reference/`."""
        return f"[{text}]({folder}{self.page}.md)"

    @cached_property
    def values(self) -> list[Value]:
        """Its values; whatever is wrong with a row becomes a warning of the build."""
        values, problems = inspect_rows(self.kind)
        for problem in problems:
            log.warning("%s", problem)
        return list(values.values())

    @cached_property
    def said(self) -> list[Statement]:
        """Every transition, output, initial value and jump."""
        return statements(self.kind())


def entries() -> list[Entry]:
    """The registry of each stage of biology, then assays, and what the therapies hand over."""
    found = []
    for stage in inside("thymos.biology", folders=True):
        found += [Entry(stage, kind) for kind in importlib.import_module(f"thymos.biology.{stage}").MODELS]
    for room in ("assay", "therapy"):
        for name in inside(f"thymos.{room}", folders=False):
            found += [Entry(room, kind) for kind in defined_in(f"thymos.{room}.{name}")]
    return found


def inside(package: str, folders: bool) -> list[str]:
    """Names of the packages, or of the plain modules, in a package."""
    path = importlib.import_module(package).__path__
    return [name for _, name, folder in pkgutil.iter_modules(path) if folder == folders]


def defined_in(module: str) -> list[type[Model]]:
    """Models that a module defines and gives values to."""
    classes = vars(importlib.import_module(module)).values()
    own = [c for c in classes if isinstance(c, type) and issubclass(c, Model) and c.__module__ == module]
    return [kind for kind in own if kind.file().with_suffix(".toml").exists()]


# ---- Markdown


def table(head: Sequence[str], body: Iterable[Iterable[str]]) -> str:
    """A Markdown table, or nothing where it has no row."""
    lines = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in body]
    rule = ["---"] * len(head)
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, rule, *lines]) + "\n" if lines else ""


def section(title: str, content: str) -> str:
    """A heading with its content, or nothing where there is no content."""
    return f"\n## {title}\n\n{content}" if content else ""


def code(text: str) -> str:
    """`text` as code; nothing stays nothing."""
    return f"`{text}`" if text else ""


def spread(distribution: Distribution) -> str:
    """`lognormal, cv 0.5`; `fixed` for none."""
    numbers = [f"{f.name} {getattr(distribution, f.name):.4g}" for f in fields(distribution)]
    return ", ".join([type(distribution).__name__.lower(), *numbers])


def cited(key: str) -> str:
    """A source as a link to its entry."""
    return f"[{key}](/reference/sources.md#{key.replace('_', '-')})" if key in references() else key


# ---- one model


def model_page(entry: Entry) -> str:
    """All that a model declares and says."""
    kind = entry.kind
    place = f"Written in `src/{kind.__module__.replace('.', '/')}.py`, values beside it."
    return "".join(
        (
            f"{MADE}# {kind.__name__}\n\n{inspect.getdoc(kind) or ''}\n\n{place}\n",
            section("States", declared(kind.states())),
            section("Transitions", equations(entry, "transition")),
            section("At the start", equations(entry, "start")),
            section("Events", equations(entry, "event")),
            section("Gives", table(("name", "unit", "meaning"), given(kind()))),
            section("Equations of what it gives", equations(entry, "output")),
            section("Needs, from other models", declared(kind.needed())),
            section("Needs, about the patient, lot or protocol", declared(kind.covariates())),
            section("Switches", table(("name", "default", "alternatives", "at stake"), switch_rows(kind))),
            section("Values", table(VALUE_HEAD, (value_row(v) for v in entry.values))),
        )
    )


def declared(things: Iterable[Declaration]) -> str:
    """Name, unit, meaning; an index as `name[H, I][CD4, CD8]`."""
    names = ((d.name + "".join(f"[{', '.join(axis)}]" for axis in d.over), d) for d in things)
    return table(("name", "unit", "meaning"), ((code(name), code(d.unit), d.text) for name, d in names))


def equations(entry: Entry, kind: str) -> str:
    """All that the model says of one kind, as it is traced: needs stay as names."""
    said = [one for one in entry.said if one.kind == kind]
    # The left side of a jump says in words which state it adds to; LaTeX keeps only the state.
    names = (f"{one.name}, {one.left}" if kind == "event" else one.name for one in said)
    return table(("name", "equation"), zip(names, (f"${one.latex}$" for one in said), strict=True))


def given(model: Model) -> Iterator[tuple[str, str, str]]:
    """Each output that others, or observers, may read."""
    import sympy

    from thymos.lang.symbols import ModelSymbols

    m = ModelSymbols(model, sympy.Symbol("t", real=True))
    for output in model.gives(m.x, m.p, m.env):
        yield code(output.label), code(output.unit), output.text + (" (recorded)" if output.observe else "")


def switch_rows(kind: type[Model]) -> Iterator[tuple[str, str, str, str]]:
    """Each switch with its default first."""
    for d in kind.switches():
        default, *others = d.choices
        yield code(d.name), code(default), ", ".join(map(code, others)), d.text


def value_row(v: Value) -> tuple[str, ...]:
    """One value with its papers; the interval is that of the typical patient or donor."""
    low, high = v.interval
    interval = "" if v.uncertainty.fixed else f"{BREAK}{low:.3g} to {high:.3g}"
    number = f"{v.value:.4g} {code(v.unit)}{interval}"
    shapes = BREAK.join(map(spread, (v.uncertainty, v.variability)))
    where = f"{cited(v.source)}: {v.where}" + (f" ({v.reason})" if v.reason else "")
    return f"{code(v.name.partition('.')[2])}{BREAK}{v.text}", number, shapes, v.grade.value, where


# ---- pages over all models


def models_page(found: Sequence[Entry]) -> str:
    """The list of all models, by stage."""
    parts = [MADE, "# Models\n\nBy stage, in the order in which each stage lists them.\n"]
    for stage, members in groupby(found, lambda entry: entry.stage):
        pages = "\n".join(entry.page for entry in members)
        parts.append(section(stage.capitalize(), f"```{{toctree}}\n:maxdepth: 1\n\n{pages}\n```\n"))
    return "".join(parts)


def parameters_page(found: Sequence[Entry]) -> str:
    """Every value by grade, the weakest grade first."""
    text = "Each name leads to its model. [What the grades mean](../explanation/assumptions.md).\n"
    parts = [MADE, f"# Parameters by grade\n\n{text}"]
    for grade in reversed(Grade):
        chosen = [(entry, v) for entry in found for v in entry.values if v.grade is grade]
        body = [
            (f"{entry.link(v.name)}{BREAK}{v.text}", *value_row(v)[1:3], value_row(v)[4])
            for entry, v in chosen
        ]
        head = (*VALUE_HEAD[:3], VALUE_HEAD[4])
        parts.append(section(f"{grade.value.capitalize()} ({len(body)})", table(head, body)))
    return "".join(parts)


def switches_page(found: Sequence[Entry]) -> str:
    """Every switch with the model that has it."""
    body = [(entry.link(entry.kind.__name__), *row) for entry in found for row in switch_rows(entry.kind)]
    text = "Questions that the field has not settled. All alternatives are in the compiled code.\n\n"
    return (
        f"{MADE}# Switches\n\n{text}{table(('model', 'name', 'default', 'alternatives', 'at stake'), body)}"
    )


def sources_page(found: Sequence[Entry]) -> str:
    """Every source with the values that rest on it."""
    text = "Evidence ids, C for cultures and P for patients, name the rows taken from a source.\n"
    parts = [MADE, f"# Sources\n\n{text}"]
    for key, source in sorted(references().items()):
        users = [entry.link(v.name) for entry in found for v in entry.values if v.source == key]
        ids = f"\n\nEvidence: {', '.join(source.evidence_ids)}." if source.evidence_ids else ""
        used = f"\n\nValues: {', '.join(users)}." if users else ""
        parts.append(section(key, f"{source.line()}{ids}{used}\n"))
    return "".join(parts)


def wiring_page(found: Sequence[Entry]) -> str:
    """Who hands what to whom, in the patient and in the culture."""
    from thymos.therapy.culture import culture_models
    from thymos.therapy.recipient import recipient_models

    links = {entry.kind.__name__: entry.link(entry.kind.__name__) for entry in found}
    text = "Models never import each other: a therapy joins what one gives to what another needs.\n"
    parts = [MADE, f"# Wiring\n\n{text}"]
    for title, models in (
        ("Patient", recipient_models()),
        ("Culture", culture_models("mobilised-blood", vector=True)),
    ):
        pairs = sorted(joints(models).items())
        body = ((links[giver], ", ".join(map(code, names)), links[taker]) for (giver, taker), names in pairs)
        parts.append(section(title, table(("from", "quantities", "to"), body)))
    return "".join(parts)


def leaves(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    """Every command by what is typed after `thymos`: `trial`, `export sbml`."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from leaves(command, f"{before}{name} ")
        else:
            yield before + name, command


def command_page() -> str:
    """Every command as its own help says it."""
    import typer

    from thymos.cli import app

    group: Any = typer.main.get_command(app)
    text = f"{group.help or ''}\n\n`thymos COMMAND --help` says the same in a terminal.\n"
    parts = [MADE, f"# Command line\n\n{text}"]
    for name, command in sorted(leaves(group)):
        body = [(code(", ".join(q.opts)), getattr(q, "help", None) or "") for q in command.params]
        usage = inspect.cleandoc(command.help or "")
        parts.append(
            section(f"thymos {name}", f"{usage}\n\n{table(('argument or option', 'meaning'), body)}")
        )
    return "".join(parts)


def pages() -> dict[str, str]:
    """Text by file, all within `docs/reference/`."""
    found = entries()
    return {
        **{f"models/{entry.page}.md": model_page(entry) for entry in found},
        "models/index.md": models_page(found),
        "wiring.md": wiring_page(found),
        "parameters.md": parameters_page(found),
        "switches.md": switches_page(found),
        "sources.md": sources_page(found),
        "command-line.md": command_page(),
    }


def write_reference(app: Sphinx) -> None:
    """Write every page whose text changed, and remove pages of models that are gone."""
    folder, made = Path(app.srcdir) / "reference", pages()
    (folder / "models").mkdir(exist_ok=True)
    for path in (folder / "models").glob("*.md"):
        if f"models/{path.name}" not in made:
            path.unlink()
    for name, text in made.items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, Any]:
    """Write the pages before the sources are read."""
    app.connect("builder-inited", write_reference)
    return {"parallel_read_safe": True}
