"""What a scenario may say: one model for each kind of edit."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from isthmus._errors import UserError
from isthmus.pack import SCHEMA


class ScenarioError(UserError):
    """A scenario that cannot be read or applied, with everything wrong in it."""


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _known_table(name: str) -> str:
    if name not in SCHEMA.tables:
        raise ValueError(f"one of: {', '.join(SCHEMA.tables)}")
    return name


Names = Annotated[tuple[str, ...], BeforeValidator(_as_list)]
TableName = Annotated[str, AfterValidator(_known_table)]
Cell = bool | int | float | str
Cells = Cell | list[Cell]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Filled(_Part):
    @model_validator(mode="after")
    def _something(self) -> "_Filled":
        if not any(getattr(self, name) for name in type(self).model_fields if name != "groups"):
            raise ValueError(
                f"at least one of: {', '.join(n for n in type(self).model_fields if n != 'groups')}"
            )
        return self


class Close(_Filled):
    """Closes elements by id, and everything that touches a place or a country."""

    links: Names = ()
    crossings: Names = ()
    terminals: Names = ()
    services: Names = ()
    places: Names = ()
    countries: Names = ()


class Avoid(_Filled):
    """Bars territories, operators or places to shipper groups (to all of them if none is named)."""

    countries: Names = ()
    operators: Names = ()
    places: Names = ()
    groups: Names = ()


class _Selecting(_Part):
    table: TableName
    column: str
    rows: Names = ()
    where: dict[str, Cells] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _free_column(self) -> "_Selecting":
        table = SCHEMA.tables[self.table]
        free = [name for name in table.columns if name not in table.key]
        if self.column not in free:
            raise ValueError(
                f"column {self.column!r} is none of {self.table}'s that may change: {', '.join(free)}"
            )
        return self


Factor = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Scale(_Selecting):
    """Multiplies a column of numbers in the selected rows by one factor, or by a factor of each row's own (`factors`: key of a row ->
    factor; the other rows stay as they are). Empty cells stay empty. A scenario file may name a CSV beside it as `factors`."""

    factor: Factor | None = None
    factors: dict[str, Factor] | None = None

    @model_validator(mode="after")
    def _numbers(self) -> "Scale":
        if not SCHEMA.tables[self.table].columns[self.column].is_number:
            raise ValueError(f"column {self.column!r} of {self.table} holds no numbers")
        if (self.factor is None) == (self.factors is None):
            raise ValueError("exactly one of: factor, factors")
        if self.factors is not None and not self.factors:
            raise ValueError("factors of one row at least")
        return self


class Set(_Selecting):
    """Sets a column in the selected rows; null empties it where it may be empty."""

    value: Cells | None


Days = Annotated[float, Field(gt=0, le=36500, allow_inf_nan=False)]


class Edit(_Part):
    """One edit: exactly one of the fields."""

    year: int | None = None
    close: Close | None = None
    build: Annotated[tuple[str, ...] | None, BeforeValidator(_as_list)] = None
    avoid: Avoid | None = None
    lasts: Days | None = None
    scale: Scale | None = None
    set: Set | None = None

    @model_validator(mode="after")
    def _one(self) -> "Edit":
        if sum(getattr(self, name) is not None for name in Edit.model_fields) != 1:
            raise ValueError(f"exactly one of: {', '.join(Edit.model_fields)}")
        return self

    @property
    def kind(self) -> str:
        """The field that is given."""
        return next(name for name in Edit.model_fields if getattr(self, name) is not None)


class Scenario(_Part):
    """A named list of edits, applied in order."""

    name: str
    note: str = ""
    edits: tuple[Edit, ...] = ()
