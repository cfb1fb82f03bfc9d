"""Outcomes of finished tasks, kept in the database of saved runs until the run they belong to has ended."""

from __future__ import annotations

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from sandbox.scorecard.outcome import RunOutcome
from scenarios.saved.fingerprint import fingerprint
from scenarios.saved.outcome_bytes import decoded, encoded
from scenarios.saved.run_tables import KeptRow
from scenarios.task import Task


class KeptOutcomes:
    """`executor.Kept` in the database of saved runs.

    A task whose core is kept in a file of the user's is always run, for what it leaves there.
    """

    def __init__(self, engine: Engine, run_id: int) -> None:
        """Keep outcomes under this run's number."""
        self._engine = engine
        self._run_id = run_id
        self.trouble = ""
        """Why nothing is kept any more, or empty."""

    def find(self, task: Task) -> RunOutcome | None:
        """See `executor.Kept`."""
        if task.core_url is not None:
            return None
        try:
            with Session(self._engine) as session:
                row = session.get(KeptRow, fingerprint(task))
        except SQLAlchemyError as error:
            self.trouble = str(error)
            return None
        return None if row is None else decoded(row.outcome)

    def add(self, task: Task, outcome: RunOutcome) -> None:
        """See `executor.Kept`."""
        if task.core_url is not None or self.trouble:
            return
        row = KeptRow(fingerprint=fingerprint(task), run_id=self._run_id, outcome=encoded(outcome))
        try:
            with Session(self._engine) as session:
                session.merge(row)
                session.commit()
        except SQLAlchemyError as error:
            self.trouble = str(error)
