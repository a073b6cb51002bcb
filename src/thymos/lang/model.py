"""A model: declarations, and the methods that say what happens. It knows no solver and no file but its own."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from thymos.lang.declare import (
    CovariateDeclaration,
    Declaration,
    NeedDeclaration,
    ParameterDeclaration,
    StateDeclaration,
    SwitchDeclaration,
)
from thymos.lang.errors import DefinitionError
from thymos.lang.statement import Output, Scheduled, Transition, Trigger

D = TypeVar("D", bound=Declaration)


class Model:
    """Base of all models; a subclass declares and overrides what it has to say.

    Each method gets `x` (states), `p` (parameters, covariates, switches) and `env` (needs, and time `env.t`
    [day]), all as symbols, and is called once.
    """

    declarations: ClassVar[dict[str, Declaration]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = {k: v for k, v in vars(cls).items() if isinstance(v, Declaration)}
        if taken := sorted(set(own) & set(vars(Model))):
            raise DefinitionError(
                f"{cls.__name__}.{taken[0]}", "a name that Model does not use itself", taken[0]
            )
        cls.declarations = {**cls.declarations, **own}

    @classmethod
    def named(cls) -> str:
        """The model's name in printed quantities: `CordBlood` is `cord_blood`."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", cls.__name__).lower()

    @classmethod
    def file(cls) -> Path:
        """The file that defines the model; its values stand beside it in a `.toml`."""
        return Path(inspect.getfile(cls))

    @classmethod
    def declared(cls, kind: type[D]) -> list[D]:
        """All declarations of one kind, in the order written."""
        return [d for d in cls.declarations.values() if isinstance(d, kind)]

    @classmethod
    def parameters(cls) -> list[ParameterDeclaration]:
        """The numbers that need a row of evidence."""
        return cls.declared(ParameterDeclaration)

    @classmethod
    def states(cls) -> list[StateDeclaration]:
        """The amounts that transitions change."""
        return cls.declared(StateDeclaration)

    @classmethod
    def covariates(cls) -> list[CovariateDeclaration]:
        """The facts given from outside."""
        return cls.declared(CovariateDeclaration)

    @classmethod
    def switches(cls) -> list[SwitchDeclaration]:
        """The scientific alternatives."""
        return cls.declared(SwitchDeclaration)

    @classmethod
    def needed(cls) -> list[NeedDeclaration]:
        """The quantities other models have to give."""
        return cls.declared(NeedDeclaration)

    def starts(self, x: Any, p: Any, env: Any) -> Iterable[tuple[Any, Any]]:
        """Initial values as (state, expression in parameters); what is not named starts at 0."""
        return ()

    def transitions(self, x: Any, p: Any, env: Any) -> Iterable[Transition]:
        """What happens, at which rate, changing what."""
        return ()

    def gives(self, x: Any, p: Any, env: Any) -> Iterable[Output]:
        """What other models and observers may read."""
        return ()

    def events(self, x: Any, p: Any, env: Any) -> Iterable[Scheduled | Trigger]:
        """Jumps at a given time, or when a state reaches a level."""
        return ()
