"""Cases that are alike in everything counted, as rows: what every case-based metric is read off.

Whatever is asked of cases is asked of their mark and their cohort day, so 200,000 cases come down to a few thousand
rows, and the same table cut by segment or route gives the same metrics of a part.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sandbox.scorecard.case_tally import COUNT_COLUMNS, RARE_COLUMNS, TIME_COLUMNS, CaseTally
from sandbox.scorecard.layout import Layout
from sandbox.scorecard.marks import BAND_MASK, BAND_SHIFT, PERSON_ROUTE, Mark

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

SUMMED = (*COUNT_COLUMNS, *TIME_COLUMNS, "amount_minor")
ROUTES = ("self_service", "person")
ARMS = ("stays", "moves")
"""The cases of a world that mixes two designs: those in the first, and those moved to the second."""


@dataclass(frozen=True, slots=True)
class CaseTable:
    """Rows of cases with the same mark on the same cohort day.

    Attributes:
        marks, cohort: what the cases of a row share.
        cases: how many they are.
        sums: the columns of the tally, summed over the cases of a row.
        days: cohort days.
    """

    marks: Ints
    cohort: Ints
    cases: Ints
    sums: dict[str, Ints]
    days: int

    def where(self, has: int, lacks: int = 0) -> Flags:
        """Rows whose mark has all of `has` and none of `lacks`."""
        has_all: Flags = (self.marks & int(has)) == int(has)
        lacks_all: Flags = (self.marks & int(lacks)) == 0
        return has_all & lacks_all

    def count(self, has: int, lacks: int = 0) -> list[int]:
        """Cases with all of `has` and none of `lacks`, per cohort day."""
        return self._per_day(self.cases, self.where(has, lacks))

    def total(self, column: str, has: int = 0) -> list[int]:
        """A column over the cases that have all of `has`, per cohort day."""
        return self._per_day(self.sums[column], self.where(has))

    def _per_day(self, amounts: Ints, rows: Flags) -> list[int]:
        # Sums of whole numbers below 2**53 are exact in doubles.
        sums = np.bincount(self.cohort[rows], weights=amounts[rows], minlength=self.days)
        return [int(value) for value in sums]

    def part(self, rows: Flags) -> CaseTable:
        """The table of some rows only."""
        sums = {name: column[rows] for name, column in self.sums.items()}
        return CaseTable(self.marks[rows], self.cohort[rows], self.cases[rows], sums, self.days)


def case_table(tally: CaseTally, layout: Layout) -> CaseTable:
    """Bring the cases of a run together."""
    cohort = cohort_days(layout)
    key = np.frombuffer(tally.marks, dtype=np.int64) * layout.cohort_days + cohort
    distinct, row_of, cases = np.unique(key, return_inverse=True, return_counts=True)
    sums = {name: _summed(np.asarray(tally.column(name)), row_of, len(distinct)) for name in SUMMED}
    for name in RARE_COLUMNS:
        sums[name] = np.zeros(len(distinct), dtype=np.int64)
        for case_id, amount in tally.rare[name].items():
            sums[name][row_of[case_id]] += amount
    marks, days = np.divmod(distinct, layout.cohort_days)
    return CaseTable(marks, days, cases.astype(np.int64), sums, layout.cohort_days)


def cohort_days(layout: Layout) -> Ints:
    """The cohort day of every case."""
    days: Ints = np.arange(layout.cases, dtype=np.int64) * layout.cohort_days // layout.cases
    return days


def band_rows(marks: Ints, bands: tuple[str, ...]) -> dict[str, Flags]:
    """Which marks are of which arrears band, in the order of the scenario."""
    place = marks >> BAND_SHIFT & BAND_MASK
    return {band: place == index + 1 for index, band in enumerate(bands)}


def route_rows(marks: Ints) -> dict[str, Flags]:
    """Which marks are on the self-service route and which on the route to a person."""
    person = (marks & int(PERSON_ROUTE)) != 0
    return dict(zip(ROUTES, (~person, person), strict=True))


def arm_rows(marks: Ints) -> dict[str, Flags]:
    """Which marks are of cases in the first design and which of those moved to the second."""
    moved = (marks & int(Mark.MOVED)) != 0
    return dict(zip(ARMS, (~moved, moved), strict=True))


def _summed(column: npt.NDArray[np.generic], row_of: npt.NDArray[np.intp], rows: int) -> Ints:
    return np.bincount(row_of, weights=column, minlength=rows).astype(np.int64)
