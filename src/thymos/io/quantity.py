"""Quantities in a study file: a number and its unit, in one text, converted to the unit of the field.

A bare number is refused where a unit is due: `dose: 500000` may mean cells or cells per kg.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic_core import PydanticCustomError, core_schema

from thymos.lang.errors import UnitError
from thymos.lang.units import convert

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler

NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
# Names and small powers only: a free expression such as day^9^9^9 would keep pint busy for ever.
UNIT = r"[A-Za-zµμ]+(?:\^-?[1-4])?(?:\s*[*/]\s*[A-Za-zµμ]+(?:\^-?[1-4])?){0,5}"
QUANTITY = re.compile(rf"\s*({NUMBER})\s*({UNIT})\s*")


def refusal(wanted: str, got: str, try_: str = "", key: str = "") -> PydanticCustomError:
    """An error whose three parts reach the reader as they are; pydantic adds the place.

    key : the key below that place which is to blame, where a whole block was checked
    """
    parts = {"wanted": wanted, "got": got, "try_": try_, "key": key}
    return PydanticCustomError("study", "expected {wanted}, got {got}", parts)


@dataclass(frozen=True)
class Quantity:
    """Marks a float field: written as "<number> <unit>" in the file, held in `unit` by the program."""

    unit: str
    low: float = -math.inf
    high: float = math.inf
    example: str = ""
    reason: str = ""

    def read(self, text: object) -> float:
        """The number in the field's unit, or a refusal."""
        if isinstance(text, (bool, int, float)) or (
            isinstance(text, str) and re.fullmatch(NUMBER, text.strip())
        ):
            raise refusal(
                f"a quantity that converts to {self.unit}",
                f"{text} without a unit",
                f'write "{text} {self.unit}", if that is what you mean',
            )
        match = QUANTITY.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise refusal(f"a quantity that converts to {self.unit}", shown(text), self.advice())
        return self.limited(self.converted(float(match[1]), match[2]), str(text))

    def converted(self, number: float, unit: str) -> float:
        """`number` in the field's unit; pint is not imported when the units are the same text."""
        if unit == self.unit:
            return number
        try:
            return convert(number, unit, self.unit)
        except UnitError:
            raise refusal(f"a unit that converts to {self.unit}", f"{unit!r}", self.advice()) from None

    def limited(self, value: float, text: str) -> float:
        """`value` where it is finite and within the limits of the field."""
        if math.isfinite(value) and self.low <= value <= self.high:
            return value
        raise refusal(self.span(), text, self.reason)

    def span(self) -> str:
        """The limits in words."""
        if math.isinf(self.high):
            return (
                f"{self.low:g} {self.unit} or more"
                if math.isfinite(self.low)
                else f"a finite number of {self.unit}"
            )
        return f"{self.low:g} to {self.high:g} {self.unit}"

    def advice(self) -> str:
        """An example in the field's own unit."""
        return f'for example "{self.example or f"1 {self.unit}"}"'

    def write(self, value: float) -> str:
        """The text that reads back as the same float."""
        return f"{value!r} {self.unit}"

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.read,
            serialization=core_schema.plain_serializer_function_ser_schema(self.write, when_used="json"),
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        example = self.example or f"1 {self.unit}"
        text = f"A number and a unit that converts to {self.unit}: {self.span()}."
        return {
            "type": "string",
            "pattern": rf"^\s*{NUMBER}\s*\S",
            "description": text,
            "examples": [example],
        }


def shown(value: object, width: int = 60) -> str:
    """`value` as it can be printed in one line of a message."""
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= width else text[: width - 3] + "..."


BEFORE = "day 0 is the day of transplant; an infusion comes on that day or later"

Day = Annotated[float, Quantity("day", example="30 day")]
Duration = Annotated[float, Quantity("day", low=0, example="730 day")]
InfusionDay = Annotated[float, Quantity("day", low=0, high=3650, example="8 day", reason=BEFORE)]
Age = Annotated[
    float, Quantity("year", low=0, high=120, example="0.5 year", reason="ages are 0 to 120 years")
]
CellDose = Annotated[
    float, Quantity("cell/kg", low=0, example="0.5e6 cell/kg", reason="a dose cannot be negative")
]
CellDensity = Annotated[float, Quantity("cell/mL", low=0, example="2e5 cell/mL")]
Coating = Annotated[float, Quantity("ug/mL", low=0, high=1000, example="5 ug/mL")]
Concentration = Annotated[float, Quantity("ng/mL", low=0, high=1e6, example="100 ng/mL")]
DrugDose = Annotated[
    float, Quantity("mg/kg", low=0, high=1000, example="10 mg/kg", reason="a dose cannot be negative")
]
