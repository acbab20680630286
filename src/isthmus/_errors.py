"""Errors that a user can cause: everything wrong in one message."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong, and where.

    `file` as the user knows it; `row` as a spreadsheet counts it (the header is row 1), 0 if the problem is of the
    whole file; `column` and `value` empty where they say nothing; `expectation` is what should stand there.
    """

    file: str
    row: int
    column: str
    value: str
    expectation: str

    def __str__(self) -> str:
        where = self.file
        if self.row:
            where += f", row {self.row}"
        if self.column:
            where += f", column {self.column}"
        if self.value:
            return f"{where}: found {self.value!r}, expected {self.expectation}"
        if self.column and not self.expectation.startswith("expected"):
            return f"{where}: empty, expected {self.expectation}"
        return f"{where}: {self.expectation}"


class UserError(Exception):
    """Input that cannot be used; the command line prints it without a traceback and exits with 2."""

    def __init__(self, headline: str, problems: Iterable[Problem] = ()) -> None:
        self.headline = headline
        self.problems = tuple(sorted(set(problems)))
        super().__init__(headline)

    def __str__(self) -> str:
        return "\n".join([self.headline, *(f"  {problem}" for problem in self.problems)])
