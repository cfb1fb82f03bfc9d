"""The house rules about files that no linter knows. Each failure says what to do."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.repository import (
    PACKAGES,
    ROOT,
    dotted,
    files,
    local_names,
    module_name,
    name_of,
    names_imported,
    project,
    python_files,
    syntax,
    text_files,
)
from tests.shipped_sql import MADE_FROM
from tui.cli.main import FIRST_PAGE, GROUPS

FILE_LINES_MAX = 400
TEST_FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
VAGUE_NAMES = frozenset({"common", "helper", "helpers", "manager", "managers", "misc", "util", "utils"})

# A letter in brackets keeps these patterns from finding themselves.
LEFTOVERS = re.compile(r"\b(?:[T]ODO|[F]IXME|[X]XX|[H]ACK)\b")
MACHINE_PATHS = re.compile(r"(?<![\w.~)}-])/(?:work|tmp|home|root|opt|mnt|Users)\b(?!-)")
INDEX_NAMES = re.compile(
    r"[p]ypi\.org|[p]ythonhosted\.|--(?:extra-)?[i]ndex-url|--[t]rusted-host|--[f]ind-links", re.IGNORECASE
)

EDGES = {
    "tui/entropy.py": {"secrets.token_bytes"},  # keys and salts of sealed files; no result depends on it
    # progress lines, and the time of a core that is served; no result of a run depends on it
    "tui/clock.py": {"time.monotonic", "time.time_ns"},
    "tui/bearer.py": {"secrets.token_urlsafe"},  # who may call a core that is served
    "sandbox/draws.py": {
        "numpy.random.Generator",
        "numpy.random.Philox",
    },  # keyed by the seed, never by the machine
}
"""Who may touch a clock or a generator, and which. A further edge needs its reason here."""

READS_OF_THE_MACHINE = re.compile(
    r"time\.(?:time|monotonic|perf_counter|process_time|thread_time|localtime|gmtime)(?:_ns)?"
    r"|datetime\.(?:datetime\.(?:now|utcnow|today)|date\.today)"
    r"|uuid\.uuid[14]|os\.(?:urandom|getrandom)"
    r"|(?:random|secrets|numpy\.random)(?:\..*)?"
)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a file, methods and inner ones included."""
    return (
        node for node in ast.walk(syntax(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def is_test(path: Path) -> bool:
    """Whether a file holds tests or serves them."""
    return path.relative_to(ROOT).parts[0] == "tests"


def report(found: list[str], remedy: str) -> str:
    """A failure message: what to do, then every place, one a line."""
    return "\n".join([remedy, *found])


ALL_PYTHON = python_files(*PACKAGES, "tests")
PRODUCT = python_files(*PACKAGES)


def test_the_guard_sees_the_tree() -> None:
    """Every top folder has Python files in view, so that no other test here passes by looking at nothing."""
    assert {path.relative_to(ROOT).parts[0] for path in ALL_PYTHON} == {*PACKAGES, "tests"}


def test_top_folders_are_the_agreed_ones() -> None:
    """A new top folder is a decision: it must join the layers, the wheel and these tests."""
    present = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert present == set(PACKAGES), (
        "name the folder in tests/repository.py and pyproject.toml, or move it inside one"
    )


def test_files_are_short() -> None:
    """A file is read in one sitting: up to 400 lines, a test file up to 600."""
    found = []
    for path in ALL_PYTHON:
        lines = len(path.read_text(encoding="utf-8").splitlines())
        limit = TEST_FILE_LINES_MAX if is_test(path) else FILE_LINES_MAX
        if lines > limit:
            found.append(f"{name_of(path)}: {lines} lines, at most {limit}")
    assert not found, report(found, "Split the file by subject; keep each half's own docstring:")


def test_functions_are_short() -> None:
    """A function fits a screen: up to 70 lines from its `def` to its end."""
    found = []
    for path in ALL_PYTHON:
        for node in functions(path):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                found.append(
                    f"{name_of(path)}:{node.lineno} {node.name}: {lines} lines, at most {FUNCTION_LINES_MAX}"
                )
    assert not found, report(found, "Move a whole step out into a function of its own:")


def test_nothing_is_left_for_later() -> None:
    """No file carries a note about unfinished work, in code, data or prose."""
    found = [
        f"{name_of(path)}:{number} {line.strip()}"
        for path in text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if LEFTOVERS.search(line)
    ]
    assert not found, report(found, "Do it now, or describe it as a limit the reader should know:")


def test_no_debugging_is_left() -> None:
    """No file prints, stops in a debugger or imports one; output goes through an explicit stream."""
    found = []
    for path in ALL_PYTHON:
        for node in ast.walk(syntax(path)):
            match node:
                case ast.Call(func=ast.Name(id="print" | "breakpoint" as name)):
                    found.append(f"{name_of(path)}:{node.lineno} {name}()")
        found += [f"{name_of(path)}: imports {name}" for name in names_imported(path) & {"pdb", "pprint"}]
    assert not found, report(
        found, "Write to a stream that was handed in (tui.cli.streams, sys.stdout.write in a script):"
    )


def test_percent_has_its_space() -> None:
    """No command, screen or script writes "5%": a share is written by `in_percent` or `figure`, as "5 %"."""
    found = []
    for path in ALL_PYTHON:
        if path.name.startswith("test_"):  # what tests say of themselves
            continue
        for node in ast.walk(syntax(path)):
            if not isinstance(node, ast.JoinedStr):
                continue
            before: ast.expr | None = None
            for part in node.values:
                spec = part.format_spec if isinstance(part, ast.FormattedValue) else None
                shown = ast.unparse(spec) if spec is not None else ""
                glued = isinstance(part, ast.Constant) and str(part.value).startswith("%")
                if shown.rstrip("'\"").endswith("%") or (glued and isinstance(before, ast.FormattedValue)):
                    found.append(f"{name_of(path)}:{node.lineno}")
                before = part
    assert not found, report(sorted(set(found)), "Write the share with scenarios.percent.in_percent:")


def test_names_say_what_is_inside() -> None:
    """No module or folder has a name that could hold anything."""
    found = [
        name_of(path)
        for path in ALL_PYTHON
        if VAGUE_NAMES
        & {word for part in path.relative_to(ROOT).with_suffix("").parts for word in part.split("_")}
    ]
    assert not found, report(
        found, "Name the file after what it knows, or move its parts to where they are used:"
    )


def test_every_test_says_what_it_shows() -> None:
    """Each test function has a docstring of one sentence, and no name is used twice in a file."""
    found = []
    for path in python_files("tests"):
        seen: set[str] = set()
        for node in functions(path):
            if not node.name.startswith("test_") or not path.name.startswith("test_"):
                continue
            place = f"{name_of(path)}:{node.lineno} {node.name}"
            text = ast.get_docstring(node) or ""
            if not text:
                found.append(f"{place}: no docstring")
            elif "\n\n" in text:
                found.append(f"{place}: more than one paragraph; reasons belong in a comment")
            if node.name in seen:
                found.append(f"{place}: the name is used twice, so the first test never runs")
            seen.add(node.name)
    assert not found, report(found, "State the behaviour in one sentence:")


def test_nothing_belongs_to_one_machine() -> None:
    """No text names a folder of somebody's machine or a package index."""
    found = [
        f"{name_of(path)}:{number} {line.strip()[:100]}"
        for path in text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if MACHINE_PATHS.search(line) or INDEX_NAMES.search(line)
    ]
    assert not found, report(
        found, "Use a path relative to the repository, or tmp_path in a test; name no index:"
    )


def test_every_package_is_in_the_wheel() -> None:
    """The wheel's patterns take every product package and folder of data, and leave the tests out."""
    patterns = project()["tool"]["setuptools"]["packages"]["find"]["include"]
    folders = {path.parent for path in files(*PACKAGES)}
    names = {folder.relative_to(ROOT).as_posix().replace("/", ".") for folder in folders}
    missing = sorted(name for name in names if not any(fnmatchcase(name, pattern) for pattern in patterns))
    assert not missing, report(missing, "Add a pattern under [tool.setuptools.packages.find]:")
    assert not any(fnmatchcase("tests", pattern) for pattern in patterns), (
        "the wheel must not carry the tests"
    )


def test_every_folder_of_code_is_a_package() -> None:
    """A folder with Python files has an `__init__.py`; without it tools disagree about its name."""
    found = sorted({name_of(path.parent) for path in PRODUCT if not (path.parent / "__init__.py").exists()})
    assert not found, report(found, "Add an __init__.py with a docstring:")


def test_data_files_are_in_the_wheel() -> None:
    """Every file beside the code matches a package-data pattern, so an installed product finds it."""
    patterns = project()["tool"]["setuptools"]["package-data"]["*"]
    data = [path for path in files(*PACKAGES) if path.suffix != ".py"]
    assert {".yaml", ".tcss"} <= {path.suffix for path in data}
    found = [
        name_of(path) for path in data if not any(fnmatchcase(path.name, pattern) for pattern in patterns)
    ]
    assert not found, report(found, "Add a pattern under [tool.setuptools.package-data]:")


def test_every_module_is_used() -> None:
    """Each product module is imported by another one or starts a command; tests alone do not keep it alive."""
    entries = {target.partition(":")[0] for target in project()["project"]["scripts"].values()}
    commands = [
        *chain(*FIRST_PAGE.values()),
        *(one.command for _, grouped in GROUPS.values() for one in grouped),
    ]
    entries |= {f"tui.cli.{command.does.partition(':')[0]}" for command in commands}
    entries |= set(MADE_FROM.values())  # what shipped texts are made from, and held against
    used = entries.union(*(names_imported(path) - {module_name(path)} for path in PRODUCT))
    found = [
        name_of(path) for path in PRODUCT if path.name != "__init__.py" and module_name(path) not in used
    ]
    assert not found, report(found, "Wire it in or delete it with its tests:")


def test_every_file_that_serves_tests_is_used() -> None:
    """Each file under tests holds tests, is a fixture file, is imported by another or is a script."""
    texts = {path: path.read_text(encoding="utf-8") for path in python_files("tests")}
    imported = set().union(*(names_imported(path) - {module_name(path)} for path in texts))
    found = [
        name_of(path)
        for path, own in texts.items()
        if not path.name.startswith("test_")
        and path.name not in {"conftest.py", "__init__.py"}
        and module_name(path) not in imported
        and 'if __name__ == "__main__"' not in own
        # A program run in a child process is named in a text.
        and not any(module_name(path) in text for other, text in texts.items() if other != path)
    ]
    assert not found, report(found, "Use it or delete it:")


def test_every_style_sheet_is_used() -> None:
    """Each .tcss file is named by a Python file in its own folder."""
    found = []
    for sheet in (path for path in files("tui") if path.suffix == ".tcss"):
        beside = "".join(path.read_text(encoding="utf-8") for path in sheet.parent.glob("*.py"))
        if f'"{sheet.name}"' not in beside:
            found.append(name_of(sheet))
    assert not found, report(found, "Name it in CSS_PATH or delete it:")


def machine_reads(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every use of a clock, of randomness or of an id generator."""
    bound = local_names(tree)
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name) and id(node) not in inner:
            name = dotted(node, bound)
            if name is not None and READS_OF_THE_MACHINE.fullmatch(name):
                yield node.lineno, name


def test_only_the_edge_reads_the_machine() -> None:
    """Clocks, randomness and ids reach the product as parameters, silenced linter or not."""
    found = [
        f"{name_of(path)}:{line} {name}"
        for path in PRODUCT
        for line, name in machine_reads(syntax(path))
        if name not in EDGES.get(name_of(path), set())
    ]
    assert not found, report(
        found, "Take it as a parameter (a clock from tui.clock, draws from sandbox.draws):"
    )


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import time as t\nt.perf_counter_ns()", ["time.perf_counter_ns"]),
        ("from datetime import datetime as d\nclock = d.now", ["datetime.datetime.now"]),
        ("from time import monotonic\nmonotonic()", ["time.monotonic"]),
        ("import numpy as np\nnp.random.default_rng(1)", ["numpy.random.default_rng"]),
        ("def made(rng=None):\n    import random\n    return random.Random()", ["random.Random"]),
        ("import time\ntime.sleep(1)\nmonotonic = 3", []),
    ],
)
def test_the_guard_recognises_reads_under_any_name(source: str, expected: list[str]) -> None:
    """An alias or a bare reference does not hide a clock or a random generator."""
    assert [name for _, name in machine_reads(ast.parse(source))] == expected


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("cd {}tmp/run", True),
        ("sqlite:///{}home/me/core.sqlite", True),
        ('open("{}work/data.csv")', True),
        ("../work/data.csv", False),
        ("time/work balance, {}tmpfs, {}work-life", False),
    ],
)
def test_the_guard_recognises_machine_paths(line: str, found: bool) -> None:
    """An absolute folder of one machine is seen; a relative path or a word with a slash is not."""
    assert (MACHINE_PATHS.search(line.format("/", "/")) is not None) == found


def pins() -> dict[str, str]:
    """Package and exact version, from the constraints file."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def test_constraints_are_exact_and_name_no_index() -> None:
    """Every line is a comment or `name==version`, each package once, in order."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = [line for line in lines if line and not line.startswith("#")]
    assert [line for line in pinned if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line)] == []
    names = [canonicalize_name(line.split("==")[0]) for line in pinned]
    assert names == sorted(set(names)), "one line a package, sorted by name"


def test_every_dependency_is_pinned_within_its_range() -> None:
    """Each requirement of the project and its tests has a pin that satisfies it."""
    versions = {canonicalize_name(name): version for name, version in pins().items()}
    declared = project()["project"]
    found = []
    for text in [*declared["dependencies"], *declared["optional-dependencies"]["dev"]]:
        requirement = Requirement(text)
        version = versions.get(canonicalize_name(requirement.name))
        if version is None or version not in requirement.specifier:
            found.append(f"{text}: pinned at {version}")
    assert not found, report(found, "Renew constraints.txt (CONTRIBUTING.md, Dependencies):")


@pytest.mark.slow
def test_the_wheel_carries_code_and_data_but_no_tests(tmp_path: Path) -> None:
    """A built wheel holds every product file, data included, and nothing else but its own metadata."""
    source = tmp_path / "source"
    source.mkdir()
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source / name)
    shutil.copytree(ROOT / "tests", source / "tests", ignore=shutil.ignore_patterns("__pycache__"))
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "-q",
        "--no-deps",
        "--wheel-dir",
        str(tmp_path),
        str(source),
    ]
    subprocess.run(build, check=True, capture_output=True, timeout=300)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        carried = {name for name in archive.namelist() if ".dist-info/" not in name}
        licences = [name for name in archive.namelist() if name.endswith("/LICENSE")]
    assert carried == {name_of(path) for path in files(*PACKAGES)}
    assert len(licences) == 1
