"""Names for customers somebody looks at: lazy, and the same customer always has the same name."""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from faker import Faker


@lru_cache(maxsize=1)
def _faker() -> Faker:
    from faker import Faker  # 0.4 s to import; most runs never show a name

    return Faker("en_GB", use_weighting=False)


def display_name(seed: int, case_id: int) -> str:
    """Return the synthetic full name of a customer: a pure function of seed and case.

    Args:
        seed: the replication's seed.
        case_id: the case.
    """
    digest = blake2b(f"{seed}|name|{case_id}".encode(), digest_size=8).digest()
    faker = _faker()
    faker.seed_instance(int.from_bytes(digest, "big"))
    return f"{faker.first_name()} {faker.last_name()}"
