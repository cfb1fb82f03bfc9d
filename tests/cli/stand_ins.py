"""Engines that simulate nothing, put where the command line imports the real ones."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from scenarios.result import Comparison
from tests.cli import canned

Engine = Callable[[Any, Any, Any], Comparison]


@dataclass(frozen=True)
class Request:
    """What an engine is asked, with the fields agreed for `scenarios.run.CompareRequest`."""

    scenario: str
    settings: tuple[str, ...] = ()
    designs: tuple[str, ...] | None = None
    seed: int | None = None
    replications: int | None = None
    jobs: int | None = None
    calls: str | None = None
    core_db: str | None = None
    despite_history: bool = False


def load_scenario(name: str, settings: tuple[str, ...] = ()) -> SimpleNamespace:
    """Return what the command line reads of a scenario."""
    history = SimpleNamespace(is_given=False)
    document = SimpleNamespace(baseline="sms-to-call", replications=4, history=history)
    return SimpleNamespace(story=canned.STORY, designs=dict.fromkeys(canned.NAMES), document=document)


def modules(engine: Engine) -> dict[str, ModuleType]:
    """Return stand-ins for the modules `compare` and `run` import."""
    return {
        "scenarios.run": module("scenarios.run", compare=engine, CompareRequest=Request),
        "scenarios.world.spec": module("scenarios.world.spec", load_scenario=load_scenario),
    }


def module(name: str, **names: object) -> ModuleType:
    """Return a module that holds `names`."""
    made = ModuleType(name)
    made.__dict__.update(names)
    return made


def install(patch: pytest.MonkeyPatch, engine: Engine) -> None:
    """Let `compare` and `run` use `engine` for the length of a test."""
    for name, made in modules(engine).items():
        patch.setitem(sys.modules, name, made)


def returns(result: Comparison) -> Engine:
    """Return an engine that knows its answer."""
    return lambda *_: result


def raises(fault: BaseException) -> Engine:
    """Return an engine that fails."""

    def engine(request: Any, on_progress: Any, should_stop: Any) -> Comparison:
        raise fault

    return engine
