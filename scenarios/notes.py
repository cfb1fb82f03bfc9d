"""What every front end looks for in the notes of a result; apart from the result, which brings the rules along."""

from __future__ import annotations

NOT_REPRODUCED = "HISTORY NOT REPRODUCED, run all the same (--despite-history)"
"""How the note begins that every output carries when somebody ran although history is not reproduced."""

TOO_NARROW = "intervals treat copies as independent, so read them as too narrow"
"""How the note ends that every output carries whose campaign runs the cases of a case file more than once."""
