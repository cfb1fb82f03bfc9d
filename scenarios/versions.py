"""What a result was made with: hashes of the code and of the shipped rules, versions of what both stand on."""

from __future__ import annotations

import platform
from functools import cache
from hashlib import sha256
from importlib import resources
from importlib.metadata import version
from pathlib import Path

CODE = ("sandbox", "scenarios", "fake_core", "fake_channels")
"""Packages that make results; what faces a terminal only shows them."""

LIBRARIES = ("numpy", "scipy", "simpy", "pydantic", "ruamel.yaml", "SQLAlchemy", "tzdata")
"""Whose next version might make other numbers."""


@cache
def code_hash() -> str:
    """SHA-256 over every Python file that makes results, as hexadecimal text."""
    return _hash(".py")


@cache
def rules_hash() -> str:
    """SHA-256 over every shipped rule, design, policy, metric and scenario, as hexadecimal text."""
    return _hash(".yaml")


@cache
def versions() -> dict[str, str]:
    """Versions of the product, of Python and of the libraries results rest on."""
    ours = {"resolution-sandbox": version("resolution-sandbox"), "python": platform.python_version()}
    return ours | {name: version(name) for name in LIBRARIES}


def _hash(suffix: str) -> str:
    found = sha256()
    for package in CODE:
        folder = Path(str(resources.files(package)))
        for path in sorted(folder.rglob(f"*{suffix}")):
            content = path.read_bytes()
            found.update(f"{package}/{path.relative_to(folder).as_posix()} {len(content)}\n".encode())
            found.update(content)
    return found.hexdigest()
