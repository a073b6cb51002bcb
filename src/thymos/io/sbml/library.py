"""libSBML: brought in when it is needed, and asked whether it did what it was told."""

from __future__ import annotations

from typing import Any

from thymos.lang.errors import RunError


def libsbml() -> Any:
    """The module; raises `RunError` with the command that installs it."""
    try:
        import libsbml as module
    except ImportError:
        wanted, hint = "python-libsbml, which writes and checks it", "pip install 'thymos[standards]'"
        raise RunError("SBML", wanted, "no such package", hint) from None
    return module


def must(code: int, what: str) -> None:
    """Raise `RunError` unless a call of libSBML succeeded; it returns a code where others would raise."""
    if code != libsbml().LIBSBML_OPERATION_SUCCESS:
        raise RunError(
            f"SBML, {what}", "a call that libSBML takes", libsbml().OperationReturnValue_toString(code)
        )


def filled(element: Any, **attributes: Any) -> Any:
    """An element with its attributes set, as libSBML names them: `Id`, `Constant`, `Math`."""
    for name, value in attributes.items():
        must(getattr(element, f"set{name}")(value), f"{element.getElementName()}, {name} {value!r}")
    return element
