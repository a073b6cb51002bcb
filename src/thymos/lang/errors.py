"""One tree of errors.

ThymosError
├── DefinitionError      a model, a wiring or a value is wrong: the modeller's to mend
│   ├── UnitError        dimensions do not match
│   ├── WiringError      a need that no one gives, a loop, a name used twice
│   └── EvidenceError    a value without its papers
├── InputError           what a user handed in is wrong
│   ├── StudyError       a study file or an option
│   └── DataError        a table or a file of measurements
└── RunError             a computation or its storage failed
    ├── SolveError       the engine was asked for the impossible
    ├── StoreError       a run folder cannot be written or read
    └── WorkerError      whoever was to compute cannot be reached, is of another version, or was lost
"""


class ThymosError(Exception):
    """A failure that its reader can act on: where, what was wanted, what came, what to try."""

    def __init__(self, where: str, wanted: str, got: str, try_: str = "") -> None:
        self.where, self.wanted, self.got, self.try_ = where, wanted, got, try_
        hint = f"\n  Try: {try_}" if try_ else ""
        super().__init__(f"{type(self).__name__}: {where}: expected {wanted}, got {got}.{hint}")

    def __reduce__(self) -> tuple[type["ThymosError"], tuple[str, str, str, str]]:
        """An exception rebuilds itself from its message alone; this one, from another process, from its parts."""
        return type(self), (self.where, self.wanted, self.got, self.try_)


class DefinitionError(ThymosError):
    """A model, a wiring or a value is wrong."""


class UnitError(DefinitionError):
    """Dimensions do not match."""


class WiringError(DefinitionError):
    """Models cannot be joined as asked."""


class EvidenceError(DefinitionError):
    """A value lacks its papers."""


class InputError(ThymosError):
    """What a user handed in cannot be used."""


class StudyError(InputError):
    """A study file or an option cannot be used."""


class DataError(InputError):
    """A table or a file of measurements cannot be used."""


class RunError(ThymosError):
    """A computation or its storage failed."""


class SolveError(RunError):
    """The engine was asked for something it cannot do."""


class StoreError(RunError):
    """A run folder cannot be written or read."""


class WorkerError(RunError):
    """Whoever was to compute cannot be reached, is of another version, or was lost."""
