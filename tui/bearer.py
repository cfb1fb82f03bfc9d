"""The edge that draws or reads the bearer token of a core that is served."""

from __future__ import annotations

import os
import secrets  # noqa: TID251 - this module is the edge
import tempfile
from pathlib import Path

from sandbox.errors import BadInput

TOKEN_VARIABLE = "SANDBOX_CORE_TOKEN"  # noqa: S105 - the name of the variable, not a token


def given_token(token_file: str | None) -> str:
    """Return the token a core elsewhere asks for.

    Raises:
        BadInput: none is given, or the file cannot be read or is empty.
    """
    if token_file is None and not os.environ.get(TOKEN_VARIABLE, "").strip():
        raise BadInput([f"--core: no token; allowed: --token-file FILE, or the variable {TOKEN_VARIABLE}"])
    return bearer_token(token_file)[0]


def bearer_token(token_file: str | None) -> tuple[str, str]:
    """Return the token and where it stands; a new file only its owner reads, where none is given.

    Raises:
        BadInput: the file cannot be read or is empty.
    """
    if token_file is not None:
        try:
            token = Path(token_file).read_text(encoding="ascii").strip()
        except (OSError, ValueError) as error:
            raise BadInput([f"--token-file {token_file}: cannot be read ({type(error).__name__})"]) from error
        if not token:
            raise BadInput([f"--token-file {token_file}: empty; allowed: one line of text"])
        return token, token_file
    token = os.environ.get(TOKEN_VARIABLE, "").strip()
    if token:
        return token, f"${TOKEN_VARIABLE}"
    drawn = secrets.token_urlsafe(32)
    handle, path = tempfile.mkstemp(prefix="sandbox-core-", suffix=".token")  # mode 0600
    with os.fdopen(handle, "w") as file:
        file.write(f"{drawn}\n")
    return drawn, path
