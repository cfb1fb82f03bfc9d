"""A policy document that may be compiled: of the right shape, and with nothing in it that contradicts the rest."""

from __future__ import annotations

from pydantic import model_validator

from sandbox.policy.coherence import faults_of
from sandbox.policy.schema import PolicyShape
from sandbox.policy.vocabulary import refuse


class PolicyDocument(PolicyShape):
    """One workflow's policy as written by its owner; see `PolicyShape` for its attributes.

    Raises:
        ValueError: on construction, with every reason for which it could not decide as written.
    """

    @model_validator(mode="after")
    def _fits_together(self) -> PolicyDocument:
        refuse(faults_of(self))
        return self
