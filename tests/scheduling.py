"""Which tests go to one worker: those that look at one simulation, for it is made once per process.

xdist has a mark for that, `xdist_group`, which its workers write into node ids. From pytest 9.2 on they write it
where nobody reads it, and every run is made on every worker, without a word (pytest-xdist issue 1386). So it is told
from the node id and from what stands in the file, by the process that hands tests out.
"""

from __future__ import annotations

import re
from functools import cache

from xdist.scheduler import LoadScopeScheduling

from tests.repository import ROOT

_CACHED = re.compile(r"^@cache$|scope=\"module\"", re.MULTILINE)
_BORROWED = re.compile(r"^from (tests[\w.]*) import (.+)$", re.MULTILINE)
_NAMED_RUN = re.compile(r"\[([a-z-]+-(?:calm|stormy|busy))\b")
"""What `tests.scenarios.recorded.named_runs` calls a run, where it is a test's first parameter."""


class BySimulation(LoadScopeScheduling):
    """Hands out group by group, the largest first."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """Return the group of a test, whose tests all go to one worker.

    Tests of a named run go together whatever their file, then those of a file that shares runs, then those of one
    function: not one by one, because xdist looks through all groups after every test.
    """
    named = _NAMED_RUN.search(nodeid)
    if named is not None:
        return named[1]
    file, _, test = nodeid.partition("::")
    return file if shares_runs(file) else f"{file}::{test.partition('[')[0]}"


@cache
def shares_runs(file: str) -> bool:
    """Say whether a test file makes something once per process, or borrows it from another file of the tests."""
    text = (ROOT / file).read_text(encoding="utf-8")
    texts = [text]
    for package, names in _BORROWED.findall(text):
        modules = [package, *(f"{package}.{name}" for name in re.findall(r"\w+", names))]
        lenders = (ROOT / f"{module.replace('.', '/')}.py" for module in modules)
        texts += [lender.read_text(encoding="utf-8") for lender in lenders if lender.is_file()]
    return any(map(_CACHED.search, texts))
