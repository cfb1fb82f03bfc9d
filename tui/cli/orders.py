"""What a user ordered, as data: the options of a run, the command line that says the same, the next step."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from scenarios.world.setting_texts import in_effect

if TYPE_CHECKING:
    from scenarios.executor import Jobs
    from scenarios.precision import Precisely
    from scenarios.run import CompareRequest
    from scenarios.world.document import ScenarioDocument

START_WITH = "retail-bank-200k"
"""The scenario a newcomer should run first: the case the product is about."""


_RUNS = ("--set", "--seed", "--replications", "--calls", "--despite-history", "--db")
"""What commands take that run replications, held against a history, and save them."""

TAKES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("compare", "diagnose", "limit", "sweep"), ("--designs", *_RUNS)),
    **dict.fromkeys(("run", "sensitivity", "staff", "pilot-plan"), ("--design", *_RUNS)),
    **dict.fromkeys(("flips", "pitfalls"), _RUNS),
    **dict.fromkeys(("phone", "prelaunch"), ("--design", "--set", "--seed")),
    **dict.fromkeys(
        ("cases", "map", "trace"), ("--design", "--set", "--seed", "--calls", "--despite-history")
    ),
}
"""Which options of an order a command takes that looks at the same world; `map` takes the others with --fix only."""

_SEVERAL_RUNS = frozenset({"sensitivity", "pilot-plan", "flips", "pitfalls"})
"""Commands that refuse a single replication, for every figure of theirs has an interval over replications."""


class Until(NamedTuple):
    """When `--replications auto` has run enough.

    Attributes:
        half_widths: "METRIC=NUMBER" texts; empty takes the scenario's expectations.
        most: replications never passed.
    """

    half_widths: tuple[str, ...]
    most: int


@dataclass(frozen=True, slots=True)
class Order:
    """One run as it was asked for. None leaves the scenario's own value.

    Attributes:
        verb: the command, "compare" or "run".
        scenario: a name or a path.
        settings: overrides, each "path=value".
        designs: designs to run.
        seed: base seed.
        replications: runs per design.
        until: run as many replications as it takes; `replications` is None then.
        jobs: worker processes.
        cluster: address of a Dask scheduler to run on.
        workers: who runs it, where that is settled already.
        calls: a call centre's interval report.
        core_db: database URL of the core.
        despite_history: run although the baseline does not reproduce the history given.
        as_json: JSON instead of text.
        out: file for the result.
        strict: unsure counts as failed.
        by: dimension to cut the scorecard by, or None.
        everything: every metric in the text.
        db: where runs are saved, instead of the user's data folder.
    """

    verb: str
    scenario: str
    settings: tuple[str, ...] = ()
    designs: tuple[str, ...] | None = None
    seed: int | None = None
    replications: int | None = None
    jobs: int | None = None
    calls: str | None = None
    core_db: str | None = None
    despite_history: bool = False
    as_json: bool = False
    out: str | None = None
    strict: bool = False
    by: str | None = None
    everything: bool = False
    until: Until | None = None
    cluster: str | None = None
    workers: Jobs | None = None
    db: str | None = None

    def request(self, workers: Jobs | None = None) -> CompareRequest:
        """Return what the engine is asked to do; the import is late because it brings the engine with it.

        Args:
            workers: who runs it, where that is more than `jobs` says.
        """
        from scenarios.run import CompareRequest

        further = {} if self.until is None else {"until": self._until()}
        return CompareRequest(
            scenario=self.scenario,
            settings=self.settings,
            designs=self.designs,
            seed=self.seed,
            replications=self.replications,
            jobs=self._workers() if workers is None else workers,
            calls=self.calls,
            core_db=self.core_db,
            despite_history=self.despite_history,
            **further,
        )

    def _workers(self) -> Jobs | None:
        if self.workers is not None or self.cluster is None:
            return self.workers or self.jobs
        from scenarios.executor import Workers

        return Workers(self.jobs, self.cluster)

    def _until(self) -> Precisely:
        from scenarios.precision import Precisely

        assert self.until is not None  # noqa: S101 - asked before
        return Precisely(*self.until)

    def settings_words(self) -> str:
        """Return what was changed against the scenario as written, as a report's head says it."""
        changed = ", ".join(in_effect(self.settings))
        words = f"changed: {changed}" if changed else "settings as in the scenario"
        return f"{words}, call centre from {self.calls}" if self.calls else words

    def command(self) -> str:
        """Return the command line that runs the same world again; where the result went is left out."""
        return command_line(self.verb, self.scenario, self._given())

    def again(self) -> str:
        """Return the same line for a person to run next: what comes of it is saved where this run is."""
        return command_line(self.verb, self.scenario, [*self._given(), ("--db", self.db)])

    def _given(self) -> list[tuple[str, object]]:
        named = "--design" if self.verb == "run" else "--designs"
        return [
            *(("--set", setting) for setting in self.settings),
            (named, ",".join(self.designs) if self.designs else None),
            ("--seed", self.seed),
            *self._replications(),
            ("--core-db", self.core_db),
            *self.history(),
        ]

    def follow(self, verb: str, own: Sequence[tuple[str, object]] = ()) -> str:
        """Return the command line of what is worth running next: the same world, with all this order says of it.

        Args:
            verb: the command, one of `TAKES`.
            own: options of its own. One of these replaces the order's, None leaves it out; settings are made on top
                of the order's.
        """
        takes, named = TAKES[verb], {option for option, _ in own}
        if verb in _SEVERAL_RUNS and self.replications == 1:
            named.add("--replications")
        told = [one for one in self.world() if one[0] in takes and one[0] not in named]
        settings = [("--set", text) for text in self.settings]
        further = [one for one in own if one[0] == "--set"]
        first = [one for one in own if one[0] != "--set"]
        return command_line(verb, self.scenario, [*first, *settings, *further, *told])

    def world(self) -> list[tuple[str, object]]:
        """Return the options that say which world was run, and how, beside its settings."""
        named: list[tuple[str, object]] = []
        if self.designs:
            named.append(("--designs", ",".join(self.designs)))
        if self.designs is not None and len(self.designs) == 1:
            named.append(("--design", self.designs[0]))
        replications = ("--replications", self.replications)
        return [*named, ("--seed", self.seed), replications, *self.history(), ("--db", self.db)]

    def history(self) -> list[tuple[str, object]]:
        """Return what says which history is to be reproduced besides the scenario's own, and whether it has to be."""
        return [("--calls", self.calls), ("--despite-history", self.despite_history or None)]

    def same_world(self) -> list[tuple[str, object]]:
        """Return what says which world is run: the settings, the seed, and the history it is held against."""
        return [*(("--set", setting) for setting in self.settings), ("--seed", self.seed), *self.history()]

    def runs_of_a_look(self) -> int:
        """Return how many runs it takes to look at one: itself, and those that are held against a history.

        Raises:
            BadInput: the scenario cannot be read.
        """
        from scenarios.world.spec import load_scenario

        document = load_scenario(self.scenario, self.settings).document
        return 1 + document.replications if self.history_worlds(document) else 1

    def history_worlds(self, document: ScenarioDocument | None = None) -> int:
        """Return how many worlds are run before all others, to be held against a history: one, or none.

        Args:
            document: the scenario's, with the settings, where it was read already.

        Raises:
            BadInput: the scenario cannot be read.
        """
        if self.calls is not None:
            return 1
        if document is None:
            from scenarios.world.spec import load_scenario

            given = tuple(text for text in self.settings if text.strip().startswith("history."))
            document = load_scenario(self.scenario, given).document
        return int(document.history.is_given)

    def _replications(self) -> list[tuple[str, object]]:
        if self.until is None:
            return [("--replications", self.replications)]
        widths = [("--half-width", text) for text in self.until.half_widths]
        return [("--replications", "auto"), *widths, ("--replications-max", self.until.most)]


def command_line(verb: str, target: str | None, options: Iterable[tuple[str, object]]) -> str:
    """Return a `sandbox` command line ready for a shell.

    Args:
        verb: the command.
        target: its argument, if any.
        options: (option, value) pairs in order; None leaves the option out, True gives it without a value. Of several
            settings of one path the one that counts is written.
    """
    words = ["sandbox", verb, *([target] if target is not None else [])]
    for option, value in _counted(list(options)):
        if value is True:
            words.append(option)
        elif value is not None:
            words += [option, str(value)]
    return shlex.join(words)


def _counted(options: list[tuple[str, object]]) -> list[tuple[str, object]]:
    """The options without settings that others after them replace; of two the same the later one stays."""
    counted = list(in_effect(str(value) for option, value in options if option == "--set"))
    kept = []
    for option, value in reversed(options):
        if option == "--set":
            if str(value) not in counted:
                continue
            counted.remove(str(value))
        kept.append((option, value))
    return kept[::-1]


def cases_command(
    order: Order, design: str | None, what: Sequence[str] = (), listed: int | None = None
) -> str:
    """Return the command line that lists these cases, so many of them where that is said."""
    happened = [("--what", words) for words in what]
    return order.follow("cases", [("--design", design), *happened, ("--list", listed)])


def trace_command(order: Order, design: str, case_id: int) -> str:
    """Return the command line that follows one case of this order's world."""
    return order.follow("trace", [("--design", design), ("--case", case_id)])


def map_command(order: Order, design: str) -> str:
    """Return the command line that draws a design's path in this order's world."""
    return order.follow("map", [("--design", design)])


def phone_command(order: Order, design: str | None, customer: int, steps: Sequence[str]) -> str:
    """Return the command line that takes the same steps as the same customer."""
    passed = [("--customer", customer or None), *(("--do", step) for step in steps)]
    return order.follow("phone", [("--design", design), *passed])


CORRECT_IT = "correct it and run the command again"
"""Said where nothing better is known; whoever says it adds where to read what the command takes."""

_WAYS = (
    (
        "--between",
        "give LOW:HIGH, such as --between 10000:400000, or leave it out for the setting's own range",
    ),
    ("--step", "leave --step out for round values at most 5 % apart, or give a distance within the range"),
    ("--out", "name a file in a folder that is there, or leave --out out to see the result here"),
    ("--against", "name another design of the scenario, or leave --against out"),
    ("design ", "name one of these, or leave the option out"),
    ("found ", "`sandbox scenarios` lists what can be run"),
)
"""What to do about a problem that begins so."""

_IN_A_FILE = re.compile(r"\.ya?ml:\d+:")


def next_step(scenario: str, problems: Sequence[str]) -> str:
    """Return what to do about wrong input: look up metrics or settings, mend the file or the option, pick a scenario.

    Args:
        scenario: the name or path the command was given.
        problems: what was found.
    """
    listing = (
        f"`{shlex.join(['sandbox', 'check', scenario, '--settings'])}` lists every setting and its value"
    )
    for problem in problems:
        if problem.startswith("--keep") and "has no value" in problem:
            return "`sandbox metrics` says what each metric is counted of; --designs asks for other designs"
        if problem.startswith("--keep"):
            unknown = "unknown metric" in problem
            told = "`sandbox metrics` lists every metric"
            return (
                told
                if unknown
                else f'write it as in --keep "call_abandonment_rate<0.10"; {told} with its unit'
            )
    if any("--set" in problem or problem.startswith("--vary") for problem in problems):
        return listing
    if any(problem.startswith(f"{Path(scenario)}:") for problem in problems):
        return f"correct the file, then `{shlex.join(['sandbox', 'check', scenario])}`"
    if any(_IN_A_FILE.search(problem) for problem in problems):  # a shipped file, with what was set on top
        return listing
    ways = (way for problem in problems for start, way in _WAYS if problem.startswith(start))
    return next(ways, CORRECT_IT)
