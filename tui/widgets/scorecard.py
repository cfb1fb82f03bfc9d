"""The scorecard panel: every metric, its rule, and one column per design; the main metrics first, by family."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from types import MappingProxyType

from textual.app import ComposeResult
from textual.content import Content

from scenarios.result import Comparison
from tui.chartmath import fit, fit_right, parted
from tui.figures import MINUS, interval_below
from tui.library import Words
from tui.readings import GLYPHS, Cell, ScoreRow, best_challenger, score_groups, score_rows, shape, shape_of
from tui.widgets.decision import STYLES
from tui.widgets.panel import PickPanel, PickView

_LABEL_LEAST = 22
_LABEL_MOST = 32
"""Labels get no more while figures are short of room."""

_RULE_WIDTH = 7
_CELL_LEAST = 13
_CELL_WELL = 16
_CELL_MOST = 24
_DIFFERENCE_WIDTH = 7
_DIM = "$foreground-muted"
_HEADING = "bold underline"


class ScorecardView(PickView):
    """Draws the table: one line per metric where it fits, else a label line and a line of figures."""

    comparison: Comparison | None = None
    words: Words = MappingProxyType({})

    def lines(self, width: int, height: int | None) -> list[Content]:
        """Return the table for a width, the picked metric marked; the height follows."""
        del height
        drawn = self._table(width)
        lines = [line for _, line in drawn]
        if self.cursor_shown and self._metrics:
            place = self._place(drawn)
            lines[place] = Content("▸").append(lines[place][1:]).stylize("reverse")
        return lines

    def extent(self) -> tuple[int, int]:
        """Return the number of metrics; there is one column."""
        return (len(self._metrics), 1)

    def line_of_cursor(self) -> int:
        """Return the first line of the picked metric."""
        return self._place(self._table(self.content_size.width))

    def cell_at(self, x: int, y: int) -> tuple[int, int] | None:
        """Return the metric drawn on a line."""
        del x
        drawn = self._table(self.content_size.width)
        metric = drawn[y][0] if y < len(drawn) else ""
        return (self._metrics.index(metric), 0) if metric else None

    @property
    def picked(self) -> tuple[str, str]:
        """The metric's name; no design."""
        return (self._metrics[self.row] if self._metrics else "", "")

    @property
    def _metrics(self) -> list[str]:
        return (
            [] if self.comparison is None else [row.metric for row in score_rows(self.comparison, self.words)]
        )

    def _table(self, width: int) -> list[tuple[str, Content]]:
        return [] if self.comparison is None else table_rows(self.comparison, self.words, width)

    def _place(self, drawn: list[tuple[str, Content]]) -> int:
        return next((at for at, (metric, _) in enumerate(drawn) if metric == self.picked[0]), 0)


class ScorecardPanel(PickPanel):
    """Metric, rule, one verdict and figure per design, and the paired difference to the baseline."""

    KEY = "c"
    TITLE = "Scorecard"
    EXPLAINS = (
        "The main metrics first, group by group, then the further ones of each group; in a group those with a rule "
        "come first. Figures stand over all replications ± their 95 % interval, or [low, high] where it is "
        "lopsided, in the unit of the rule column; times say h or m themselves. The last column is the paired "
        "difference on the same customers, best other design minus baseline; ≈ means "
        "that its interval holds nought. n/a: the metric does not apply or was not reached. Enter, or a second "
        "click, opens a metric: definition, base, unit, n and its spread over days and replications."
    )

    def compose(self) -> ComposeResult:
        """Hold the table."""
        yield ScorecardView()

    def show(self, comparison: Comparison, words: Words) -> None:
        """Show a result in place of the one before."""
        view = self.query_one(ScorecardView)
        view.comparison, view.words = comparison, words
        view.refresh(layout=True)
        self.border_subtitle = (
            "  ".join(f"{glyph} {word}" for word, glyph in GLYPHS.items()) + " · Enter: explain"
        )


def table_lines(comparison: Comparison, words: Words, width: int) -> list[Content]:
    """Return the scorecard's lines alone."""
    return [line for _, line in table_rows(comparison, words, width)]


def table_rows(comparison: Comparison, words: Words, width: int) -> list[tuple[str, Content]]:
    """Return the scorecard's lines, each with the metric it is about or an empty text.

    One line per metric where the label keeps room, two or more where it does not.
    """
    groups = score_groups(comparison, words)
    designs = len(comparison.designs)
    rest = width - _RULE_WIDTH - _DIFFERENCE_WIDTH - designs - 2
    if rest - designs * _CELL_LEAST < _LABEL_LEAST:
        head = _stacked_head(comparison, width)
        parts = {title: _stacked(comparison, rows, width) for title, rows in groups.items()}
    else:
        longest = 1 + max((len(row.label) for rows in groups.values() for row in rows), default=0)
        room = max(min(_LABEL_MOST, rest - designs * _CELL_LEAST), rest - designs * _CELL_WELL)
        label_width = max(_LABEL_LEAST, min(longest, room))
        cell_width = min(_CELL_MOST, (rest - label_width) // designs)
        head = _flat_head(comparison, label_width, cell_width)
        parts = {title: _flat(rows, label_width, cell_width) for title, rows in groups.items()}
    lines = [("", line) for line in head]
    for title, drawn in parts.items():
        lines += [("", Content.styled(fit(title, width), _HEADING))] if title else []
        lines += drawn
    return lines


def _flat_head(comparison: Comparison, label_width: int, cell_width: int) -> list[Content]:
    names = [f"{shape(index)} {name}" for index, name in enumerate(comparison.designs)]
    columns = [["Metric"], ["Rule"], *(parted(name, cell_width) for name in names)]
    lines: list[Content] = []
    for label, rule, *cells in zip_longest(*columns, fillvalue=""):
        title = "" if lines else _difference_title(comparison)
        head = [fit(label, label_width), fit(rule, _RULE_WIDTH), *(fit(cell, cell_width) for cell in cells)]
        lines.append(Content.styled(" ".join([*head, fit_right(title, _DIFFERENCE_WIDTH)]), "bold"))
    return lines


def _flat(rows: list[ScoreRow], label_width: int, cell_width: int) -> list[tuple[str, Content]]:
    """One line per metric; what has no room in its column goes on in the line below."""
    widths = (label_width - 1, _RULE_WIDTH, *([cell_width] * len(rows[0].cells)), _DIFFERENCE_WIDTH)
    lines = []
    for row in rows:
        styles = ["", _DIM, *(STYLES.get(cell.verdict, "") for cell in row.cells), ""]
        label, rule, difference = (
            parted(text, room, " -")
            for text, room in (
                (_label(row.label, widths[0]), widths[0]),
                (row.rule, widths[1]),
                (row.difference, widths[-1]),
            )
        )
        columns = [label, rule, *(_cell_lines(cell, cell_width) for cell in row.cells), difference]
        for parts in zip_longest(*columns, fillvalue=""):
            drawn = [
                Content.styled((fit_right if at == len(widths) - 1 else fit)(part, widths[at]), styles[at])
                for at, part in enumerate(parts)
            ]
            lines.append((row.metric, Content(" ").append(Content(" ").join(drawn))))
    return lines


def _stacked_head(comparison: Comparison, width: int) -> list[Content]:
    legend = "  ".join(f"{shape(index)} {name}" for index, name in enumerate(comparison.designs))
    return Content.styled(legend, "bold").wrap(width)


def _stacked(comparison: Comparison, rows: list[ScoreRow], width: int) -> list[tuple[str, Content]]:
    lines = []
    title = _difference_title(comparison)
    per_line = max(1, (width - 1) // (_CELL_LEAST + 3))
    for row in rows:
        rule = f"  {row.rule}" if row.rule else ""
        difference = f"  {title}: {row.difference}" if row.difference else ""
        named = Content.assemble((f" {row.label}", "bold"), (rule, _DIM), difference)
        lines += [
            (row.metric, line) for line in (named.wrap(width) if named.cell_length > width else [named])
        ]
        for first in range(0, len(row.cells), per_line):
            for at, cells in enumerate(_cells(row.cells[first : first + per_line], _CELL_LEAST)):
                shapes = (f"{shape(first + index)} " if at == 0 else "  " for index in range(len(cells)))
                marked = [Content.assemble(mark, cell) for mark, cell in zip(shapes, cells, strict=True)]
                lines.append((row.metric, Content.assemble("  ", Content(" ").join(marked))))
    return lines


def _label(label: str, width: int) -> str:
    """Return a label without the word `rate` where it is too long: the unit says that already."""
    return label if len(label) <= width else label.removesuffix(" rate")


def _cells(cells: Sequence[Cell], width: int) -> list[list[Content]]:
    """Return the figures of a row, line by line: a second one holds the intervals that have no room beside."""
    told = zip_longest(*(_cell_lines(cell, width) for cell in cells), fillvalue="")
    return [
        [
            Content.styled(fit(text, width), STYLES.get(cell.verdict, ""))
            for cell, text in zip(cells, texts, strict=True)
        ]
        for texts in told
    ]


def _cell_lines(cell: Cell, width: int) -> list[str]:
    """Return a figure with its verdict, its interval in a line below where the column holds only one of them."""
    figure, *interval = interval_below(cell.text, width - 2, width)
    return [f"{cell.glyph} {figure}", *(f"{' ' * min(2, width - len(end))}{end}" for end in interval)]


def _difference_title(comparison: Comparison) -> str:
    best = best_challenger(comparison)
    if best is None:
        return ""
    return f"{shape_of(comparison, best)} {MINUS} {shape_of(comparison, comparison.baseline)}"
