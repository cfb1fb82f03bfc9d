"""`sandbox policy`: the document to sign, one customer's decision, and what a new edition changes."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from scenarios.progress import ShouldStop
from tui.cli import options
from tui.cli.conduct import conduct
from tui.cli.destination import Destination
from tui.cli.documents import deliver
from tui.cli.exit_codes import ExitCode
from tui.cli.orders import Order, command_line, trace_command
from tui.cli.policy_text import diff_text, explain_text, show_text
from tui.cli.progress import ProgressLine
from tui.cli.saving import SaveOptions, Saving
from tui.cli.streams import WIDTH_DEFAULT, text_width
from tui.cli.sums import sums_json
from tui.clock import monotonic_s

if TYPE_CHECKING:
    from scenarios.policies.diff import PolicyDiff

SCHEMA = 1

_NAMED = "A policy file, or the name of a shipped policy or scenario."
Policy = Annotated[str, typer.Argument(metavar="FILE", help=_NAMED)]
OldPolicy = Annotated[str, typer.Argument(metavar="OLD", help=_NAMED)]
NewPolicy = Annotated[str, typer.Argument(metavar="NEW", help=_NAMED)]
Customer = Annotated[
    str, typer.Option("--customer", metavar="FACTS.json", help="One customer's facts, as a JSON object.")
]
ForScenario = Annotated[
    str,
    typer.Option(
        "--scenario",
        metavar="NAME",
        help="Whose customers both policies are put before.",
        rich_help_panel=options.WORLD,
    ),
]


def _next(problems: list[str]) -> str:
    del problems
    return "correct it and run the command again; `sandbox scenarios` lists what can be run"


def show(policy: Policy, as_json: options.AsJson = False, out: options.Out = None) -> None:
    """Show a policy in words: who is kept out, who goes to a person, what is allowed within which limits."""

    def body(should_stop: ShouldStop) -> ExitCode:
        del should_stop  # reading one file ends sooner than anybody can ask
        destination = Destination.checked(out, (policy,))
        from scenarios.policies.reading import read_policy_of

        read = read_policy_of(policy)
        document: dict[str, object] = {
            "schema": SCHEMA,
            "source": read.source,
            "policy": read.document.model_dump(mode="json", exclude_none=True),
            "numbers": {path: asdict(origin) for path, origin in read.sources.items()},
        }
        width = WIDTH_DEFAULT if out is not None else text_width()
        following = _line("explain", policy, ("--customer", "FACTS.json"))
        deliver(destination, document, lambda: show_text(read, following, width), as_json=as_json)
        return ExitCode.OK

    conduct(body, replay=command_line("policy show", policy, []), next_step=_next)


def explain(
    policy: Policy, customer: Customer, as_json: options.AsJson = False, out: options.Out = None
) -> None:
    """Say what a policy allows one customer, and which rule stops the rest."""

    def body(should_stop: ShouldStop) -> ExitCode:
        del should_stop  # one decision
        destination = Destination.checked(out, (policy, customer))
        from scenarios.policies.explain import explain as explained
        from scenarios.policies.reading import read_policy_of

        found = explained(read_policy_of(policy), customer)
        decision = found.decision
        document: dict[str, object] = {
            "schema": SCHEMA,
            "policy": found.policy,
            "version": decision.policy_version,
            "facts": found.facts,
            "admission": found.admission._asdict(),
            "segment": decision.segment,
            "person": {"reason": decision.person_reason, "rule": found.person_rule},
            "allowed": [
                offer._asdict() | {"identity_level": offer.identity_level.name.lower()}
                for offer in decision.allowed
            ],
            "blocked": [one._asdict() for one in decision.blocked],
        }
        width = WIDTH_DEFAULT if out is not None else text_width()
        following = _line("show", policy)
        deliver(destination, document, lambda: explain_text(found, following, width), as_json=as_json)
        return ExitCode.OK

    conduct(body, replay=_line("explain", policy, ("--customer", customer)), next_step=_next)


def _line(verb: str, target: str, *given: tuple[str, object]) -> str:
    return command_line("policy", None, []) + command_line(verb, target, given).removeprefix("sandbox")


def diff(  # noqa: PLR0913 - Typer takes one parameter per option
    old: OldPolicy,
    new: NewPolicy,
    scenario: ForScenario,
    settings: options.Settings = None,
    designs: options.Designs = None,
    seed: options.Seed = None,
    replications: options.Replications = None,
    jobs: options.Jobs = None,
    cluster: options.Cluster = None,
    as_json: options.AsJson = False,
    out: options.Out = None,
    no_save: options.NoSave = False,
    db: options.Db = None,
) -> None:
    """Put two editions of a policy before the same customers: who gains or loses what, and what it does."""
    order = Order(
        verb="compare",
        scenario=scenario,
        settings=tuple(settings or ()),
        designs=options.design_names(designs),
        seed=seed,
        replications=replications,
        jobs=jobs,
        cluster=cluster,
        db=db,
    )
    given = [("--set", setting) for setting in order.settings]

    options_given = [("--scenario", scenario), *given, ("--designs", designs), ("--seed", seed)]
    replay = _line("diff", old, *options_given, ("--replications", replications)).replace(
        old, f"{old} {new}", 1
    )

    def body(should_stop: ShouldStop) -> ExitCode:
        destination = Destination.checked(out, (old, new, scenario))
        with Saving(replay, SaveOptions(not no_save, db)) as run:
            with ProgressLine(sys.stderr, monotonic_s) as line:
                line.say("deciding for every customer under both policies")
                from scenarios.policies.diff import REPLICATIONS_DEFAULT, diff_policies
                from scenarios.policies.reading import read_policy_of
                from scenarios.run import chosen_designs, prepare

                before, after = read_policy_of(old), read_policy_of(new)
                runs = 2 * len(chosen_designs(prepare(order.request())[0], order.designs))
                follow = line.follow(runs * (replications or REPLICATIONS_DEFAULT))
                run.begin()
                request = order.request(run.workers(jobs, cluster))
                found = diff_policies(before, after, request, follow, should_stop)
            case = found.moves[0][1].examples[0] if found.moves else 0
            following = trace_command(order, next(iter(found.scorecard)), case)
            width = WIDTH_DEFAULT if out is not None else text_width()
            deliver(
                destination,
                diff_document(found),
                lambda: diff_text(found, following, width),
                as_json=as_json,
                run=run,
            )
        return ExitCode.OK

    conduct(body, replay=replay, next_step=_next)


def diff_document(found: PolicyDiff) -> dict[str, object]:
    """Return the JSON form of two editions side by side."""
    return {
        "schema": SCHEMA,
        "scenario": found.scenario,
        "seed": found.seed,
        "replications": found.replications,
        "cases": found.cases,
        "touched": found.touched,
        "rules": [change._asdict() for change in found.text],
        "moves": [move._asdict() | asdict(moved) for move, moved in found.moves],
        "scorecard": {name: sums_json(one, found.currency) for name, one in found.scorecard.items()},
    }
