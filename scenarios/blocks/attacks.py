"""Who tries to act in customers' place, and what such people know; nobody, unless a scenario says so."""

from __future__ import annotations

from scenarios.blocks.kinds import Block, Minutes, Rate


class Attacks(Block):
    """Attempts by people who are not the customer, as shares of cases, and what those people can do.

    Attributes:
        forwarded_link_rate: somebody else opens the customer's link.
        replayed_code_rate: somebody has a code the customer was sent before.
        guessed_code_rate: somebody types codes at random until locked out.
        prefetch_rate: a mail scanner or preview robot reads the link.
        tampered_link_rate: another case's link, rewritten for this one.
        retired_key_rate: a link signed with a key that is not trusted any more.
        recycled_number_rate: the number on file has a new owner, who gets link and code.
        knows_facts_rate: impostors who know the facts asked for.
        reads_code_rate: impostors who can read the customer's text messages.
        knows_password_rate: impostors who know the portal password.
        after_min: minutes from the first planned message to the attempt.
    """

    forwarded_link_rate: Rate = 0.0
    replayed_code_rate: Rate = 0.0
    guessed_code_rate: Rate = 0.0
    prefetch_rate: Rate = 0.0
    tampered_link_rate: Rate = 0.0
    retired_key_rate: Rate = 0.0
    recycled_number_rate: Rate = 0.0
    knows_facts_rate: Rate = 0.0
    reads_code_rate: Rate = 0.0
    knows_password_rate: Rate = 0.0
    after_min: Minutes = 120.0
