"""Reading and writing study files. Every failure says file, line, field, wanted, got and what to try.

YAML 1.2, so `1e6` is a number and `NO` is a word. Size, depth and aliases are limited before anything is
built, because a few hundred bytes of nested aliases can expand to billions of values.
"""

from __future__ import annotations

import hashlib
import io
import json
import warnings
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from thymos.io.near_file import near_file
from thymos.io.quantity import shown
from thymos.io.study_schema import Study
from thymos.lang.errors import StudyError
from thymos.lang.nearest import nearest

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pydantic_core import ErrorDetails

LARGEST = 2**20
MOST_LINES = 10_000
MOST_EVENTS = 20_000
MOST_ALIASES = 16
DEEPEST = 16
LONGEST_WORD = 1000
SHOWN_PROBLEMS = 5


def read_study(path: Path) -> Study:
    """The study in the file at `path`."""
    return parse_study(read_text(path), str(path))


def parse_study(text: str, where: str) -> Study:
    """The study in `text`; `where` names it in messages."""
    root = compose(text, where)
    try:
        return Study.model_validate(build(root, where))
    except ValidationError as problem:
        raise complaint(problem, root, where) from None


def read_text(path: Path, what: str = "study") -> str:
    """The text of a file that a user wrote, a study by default: small, UTF-8 and without control bytes."""
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except FileNotFoundError:
        shipped = ", or `thymos trial --help` for shipped studies" if what == "study" else ""
        try_ = near_file(path) or f"check the path{shipped}"
        raise StudyError(str(path), f"a {what} file", "no such file", try_) from None
    except OSError as problem:
        raise StudyError(str(path), f"a readable {what} file", problem.strerror or str(problem)) from None
    if len(raw) > LARGEST:
        raise StudyError(
            str(path), "at most 1 MiB", "a larger file", f"a {what} is a few kB of text; is this the one?"
        )
    if b"\0" in raw:
        raise StudyError(str(path), "a text file", "a binary file", "give the file as it was written")
    try:
        return raw.decode()
    except UnicodeDecodeError as problem:
        line = raw[: problem.start].count(b"\n") + 1
        got = f"the byte 0x{raw[problem.start]:02x}"
        raise StudyError(f"{path} line {line}", "text in UTF-8", got, "save the file as UTF-8") from None


def compose(
    text: str,
    where: str,
    what: str = "study",
    show: str = "thymos trial --show scid-haplo",
    longest: int = LONGEST_WORD,
) -> Any:
    """The tree of YAML nodes, each with its line, after the limits were checked on the stream of events.

    what : the kind of file, for messages;  show : the command that prints one to start from
    longest : characters of a value without quotes
    """
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    if text.count("\n") > MOST_LINES:
        raise StudyError(
            where, f"at most {MOST_LINES:,} lines", "more", f"a {what} is a few hundred; is this the one?"
        )
    try:
        check_events(YAML(typ="safe", pure=True).parse(text), where, longest)
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # an anchor used twice is only a warning in ruamel.yaml
            root = YAML(typ="safe", pure=True).compose(text)
    except (MarkedYAMLError, YAMLError, Warning, ValueError, RecursionError) as problem:
        raise syntax_error(problem, where) from None
    if root is None:
        raise StudyError(where, f"a {what}", "an empty file", f"start from a shipped one: `{show}`")
    return root


def check_events(events: Iterable[Any], where: str, longest: int = LONGEST_WORD) -> None:
    """Refuse a stream that is too long, too deep, or full of aliases, tags or several documents."""
    depth = aliases = count = 0
    for count, event in enumerate(events, start=1):
        kind = type(event).__name__.removesuffix("Event")
        depth += {"MappingStart": 1, "SequenceStart": 1, "MappingEnd": -1, "SequenceEnd": -1}.get(kind, 0)
        aliases += kind == "Alias"
        place = f"{where} line {event.start_mark.line + 1}" if event.start_mark else where
        if count > MOST_EVENTS:
            raise StudyError(place, f"at most {MOST_EVENTS:,} values and keys", "more", "shorten the file")
        if aliases > MOST_ALIASES:
            raise StudyError(place, f"at most {MOST_ALIASES} aliases (*name)", "more", "write the values out")
        if depth > DEEPEST:
            raise StudyError(
                place, f"blocks nested at most {DEEPEST} deep", "deeper ones", "check the indentation"
            )
        if kind == "Scalar" and event.style is None and len(event.value) > longest:
            raise StudyError(place, f"at most {longest} characters without quotes", "more", "quote it")
        if getattr(event, "version", None) or getattr(event, "tags", None):
            raise StudyError(place, "no directive", "a line with %", "remove it; studies are YAML 1.2")
        if getattr(event, "tag", None) not in (None, "!"):
            raise StudyError(
                place, "no explicit tag", f"{event.tag}", "remove it; types follow from the fields"
            )


def syntax_error(problem: Exception, where: str) -> StudyError:
    """What the YAML reader found, with its line."""
    mark = getattr(problem, "problem_mark", None) or getattr(problem, "context_mark", None)
    place = f"{where} line {mark.line + 1}" if mark else where
    said = getattr(problem, "problem", None) or str(problem).strip().splitlines()[0]
    if type(problem).__name__ == "DuplicateKeyError":
        return StudyError(place, "each key once", str(said).removeprefix("found "), "remove one of the two")
    try_ = "check indentation, brackets and quotes on this line and the one before; is the file whole?"
    return StudyError(place, "YAML that can be read", str(said), try_)


def build(root: Any, where: str) -> Any:
    """Plain Python values of the node tree; a key given twice is an error."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe", pure=True).constructor.construct_document(root)
    except (YAMLError, ValueError, TypeError, OverflowError, RecursionError) as problem:
        raise syntax_error(problem, where) from None


def complaint(problem: ValidationError, root: Any, where: str) -> StudyError:
    """The first problem in the order of the file, and where the others are."""
    found = sorted(
        ((*locate(error, root), error) for error in problem.errors(include_url=False)), key=lambda f: f[0]
    )
    line, field, error = found[0]
    wanted, got, try_ = three_parts(error)
    others = [f"line {at} [{name}]" for at, name, _ in found[1 : 1 + SHOWN_PROBLEMS]]
    if others:
        more = f" and {len(found) - 1 - SHOWN_PROBLEMS} more" if len(found) - 1 > SHOWN_PROBLEMS else ""
        try_ = "; ".join(filter(None, (try_, f"look also at {', '.join(others)}{more}")))
    return StudyError(f"{where} line {line} [{field}]", wanted, got, try_)


def locate(error: ErrorDetails, root: Any) -> tuple[int, str]:
    """Line and dotted path of an error, following its location as far as the file has it."""
    node, line, path = root, root.start_mark.line, []
    blamed = (error.get("ctx") or {}).get("key")
    for step in (*error["loc"], *([blamed] if blamed else [])):
        child = child_of(node, step)
        if child is not None:
            line, node = child
            path.append(str(step)[:40])
    # A missing field is not in the file: name it all the same. Other unknown steps name members of a union.
    absent = error["loc"][-1] if error["type"] == "missing" else blamed
    if absent and path[-1:] != [str(absent)[:40]]:
        path.append(str(absent)[:40])
    return line + 1, ".".join(path) or "the whole study"


def child_of(node: Any, step: int | str) -> tuple[int, Any] | None:
    """Line and node of one key or index below `node`."""
    if node.id == "mapping":
        return next(((key.start_mark.line, value) for key, value in node.value if key.value == step), None)
    if node.id == "sequence" and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line, node.value[step]
    return None


def three_parts(error: ErrorDetails) -> tuple[str, str, str]:
    """Wanted, got, try of one pydantic error."""
    context: dict[str, Any] = error.get("ctx") or {}
    if error["type"] == "study":
        return context["wanted"], context["got"], context["try_"]
    if error["type"] == "missing":
        return f"the field `{error['loc'][-1]}`", "nothing", f"add `{error['loc'][-1]}:`"
    if error["type"] == "union_tag_not_found":
        return (
            "a distribution with its kind",
            shown(error["input"]),
            "add `kind: uniform`, lognormal, normal or choice",
        )
    if error["type"] == "union_tag_invalid":
        return f"a kind among {context['expected_tags']}", shown(context["tag"]), ""
    if error["type"] == "string_pattern_mismatch":
        return f"text of the form {context['pattern']}", shown(error["input"]), ""
    wanted = error["msg"].removeprefix("Input should be ").removeprefix("Input should have ")
    known = str(context.get("expected", "")).split("'")[1::2]
    return wanted, shown(error["input"]), nearest(str(error["input"]), known)


def override(study: Study, **options: int | None) -> Study:
    """The study with `patients`, `draws` or `seed` from the command line, checked like the file's own."""
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Study.model_validate({**study.model_dump(mode="json", exclude_none=True), **given})
    except ValidationError as problem:
        error = problem.errors(include_url=False)[0]
        wanted, got, try_ = three_parts(error)
        raise StudyError(f"option --{'.'.join(map(str, error['loc']))}", wanted, got, try_) from None


def study_text(study: Study) -> str:
    """The study as YAML that reads back as the same study."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # the order of the schema reads better than the alphabet
    yaml.width = 110
    out = io.StringIO()
    yaml.dump(study.model_dump(mode="json", exclude_none=True), out)
    return out.getvalue()


def study_hash(study: Study) -> str:
    """SHA-256 of the study's content: the same from the command line, from Python and from the studio."""
    content = json.dumps(
        study.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(content.encode()).hexdigest()


def json_schema() -> dict[str, Any]:
    """JSON schema of a study file, for completion and checks in an editor."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Study.model_json_schema()}
