"""From a message funnel to settings: each rate solved for the one setting that gives it back, the others as they are.

A funnel has one rate where the model has several parts (a code that arrives, is begun, is typed right). One part is
solved for, the others stay the scenario's; the note says so, because another split would give the same funnel.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import fsum

from sandbox.experiment.fits import Share
from sandbox.simulation.behaviour import CODE_ASKED_AGAIN_RATE
from scenarios.calibration.fragment import FITTED, Found
from scenarios.calibration.funnel import FunnelEstimate
from scenarios.percent import in_percent
from scenarios.world.document import ScenarioDocument
from scenarios.world.spec import Scenario

_CAPPED = "; the funnel asks for more than the scenario's other parts allow, so this is its most"


def funnel_settings(estimate: FunnelEstimate, base: Scenario) -> list[Found]:
    """Settings a funnel gives, channel by channel, then those of all channels together."""
    document = base.document
    found: list[Found] = []
    for channel, rates in estimate.rates.items():
        if channel != "all":
            found += _delivery(channel, rates)
    everything = estimate.rates.get("all") or next(iter(estimate.rates.values()))
    found += _response(estimate, document, everything)
    if "verified" in everything:
        found += _verified(everything["verified"], document)
    if "acted" in everything and "verified" in everything:
        found += _acted(everything["acted"], document)
    if "posted" in everything:
        found += _posted(everything["posted"])
    return found


def _delivery(channel: str, rates: Mapping[str, Share]) -> Iterator[Found]:
    delivered, opened = rates["delivered"], rates.get("opened")
    if delivered.value is not None and delivered.low is not None and delivered.high is not None:
        note = f"{delivered.hits:,} of {delivered.base:,} sent had a receipt"
        if channel == "email":
            ends = (1.0 - delivered.high, 1.0 - delivered.low)
            yield Found("channels.email.bounce_rate", 1.0 - delivered.value, note, range=ends)
        else:
            ends = (delivered.low, delivered.high)
            yield Found(f"channels.{channel}.delivered_rate", delivered.value, note, range=ends)
    if opened is not None and opened.hits and opened.value is not None and channel == "whatsapp":
        note = f"{opened.hits:,} of {opened.base:,} delivered were reported read"
        yield Found("channels.whatsapp.read_rate", opened.value, note, range=_ends(opened))


def _response(
    estimate: FunnelEstimate, document: ScenarioDocument, everything: Mapping[str, Share]
) -> Iterator[Found]:
    """Clicks per delivered message: the level from SMS, the other channels as factors on it."""
    sms = estimate.rates.get("sms", {}).get("clicked")
    factor = per_first_touch(document, _recorded_per_message(everything))
    level = document.customers.response_rate
    if sms is not None and sms.value is not None:
        level = min(1.0, sms.value * factor)
        low, high = (min(1.0, end * factor) for end in _ends(sms))
        note = (
            f"{sms.hits:,} clicks of {sms.base:,} delivered, {in_percent(sms.value, 2)} a message; {factor:.3f} "
            "times that for the first of the scenario's touches, since later ones draw fewer"
        )
        yield Found("customers.response_rate", level, note, FITTED, (low, high))
    channels = document.channels
    read = next(
        (
            one.value
            for one in _delivery("whatsapp", estimate.rates.get("whatsapp", _NOTHING))
            if one.path.endswith("read_rate")
        ),
        None,
    )
    seen = {
        "whatsapp": read if isinstance(read, float) else channels.whatsapp.read_rate,
        "email": channels.email.inbox_rate * channels.email.opened_rate,
    }
    for channel, share_seen in seen.items():
        clicked = estimate.rates.get(channel, {}).get("clicked")
        if clicked is None or clicked.value is None or not level or not share_seen:
            continue
        scale = factor / (share_seen * level)
        clicks, see = in_percent(clicked.value, 2), in_percent(share_seen, 0)
        note = f"{clicks} clicks a delivered message, of whom {see} see it"
        ends = tuple(end * scale for end in _ends(clicked))
        yield Found(
            f"customers.channel_response.{channel}.rate_factor",
            clicked.value * scale,
            note,
            FITTED,
            (ends[0], ends[1]),
        )


def per_first_touch(document: ScenarioDocument, recorded: float) -> float:
    """How many times more a first touch draws than the average message of the scenario's touches.

    Later touches draw less by the response decay, and go to those only who are not recorded yet.

    Args:
        document: the scenario.
        recorded: cases recorded per message.
    """
    left = [(1.0 - recorded) ** touch for touch in range(document.campaign.touches_per_case)]
    decay = document.customers.response_decay
    return fsum(left) / fsum(share * decay**touch for touch, share in enumerate(left))


def _recorded_per_message(rates: Mapping[str, Share]) -> float:
    product = 1.0
    for stage in ("delivered", "clicked", "verified", "acted", "posted"):
        share = rates.get(stage)
        product *= 1.0 if share is None or share.value is None else share.value
    return product


def _verified(verified: Share, document: ScenarioDocument) -> Iterator[Found]:
    """Identity proven, of those who clicked: a one-time code that arrives, is begun, and is typed right in time."""
    if verified.value is None:
        return
    identity, arrives = document.identity, document.channels.code_sms.delivered_rate
    arrives += (1.0 - arrives) * CODE_ASKED_AGAIN_RATE * arrives
    typed = 1.0 - (1.0 - identity.code_correct_rate) ** identity.code_tries_max
    others = arrives * typed
    wanted = verified.value / others
    low, high = (min(1.0, end / others) for end in _ends(verified))
    note = (
        f"{verified.hits:,} proved who they are of {verified.base:,} who clicked; the scenario's codes arrive for "
        f"{in_percent(arrives, 1)} and are typed right by {in_percent(typed, 1)}{_CAPPED if wanted > 1.0 else ''}"
    )
    yield Found("identity.code_starts_rate", min(1.0, wanted), note, FITTED, (low, high))


def _acted(acted: Share, document: ScenarioDocument) -> Iterator[Found]:
    """An action submitted, of those identified: who wants to, and does not leave the page."""
    if acted.value is None:
        return
    wishes, stays = document.customers.wishes, 1.0 - document.identity.page_drop_rate
    person = wishes.get("person", 0.0)
    willing = min(1.0 - person, acted.value / stays)
    old = 1.0 - person - wishes.get("nothing", 0.0)
    if old <= 0.0 or "nothing" not in wishes:
        return
    scale = willing / old
    fixed = {"person": person, "nothing": 1.0 - person - willing}
    value = {wish: fixed.get(wish, share * scale) for wish, share in wishes.items()}
    low, high = (in_percent(end, 1) for end in _ends(acted))
    note = (
        f"{acted.hits:,} acted of {acted.base:,} identified, 95 % {low} to {high}; the share who want nothing is "
        f"solved for, {in_percent(1.0 - stays, 1)} leave the page, who wants what is as in the scenario"
        f"{_CAPPED if acted.value / stays > 1.0 - person else ''}"
    )
    yield Found("customers.wishes", _summing_to_one(value), note, FITTED)


def _summing_to_one(shares: dict[str, float]) -> dict[str, float]:
    """Round shares to four digits and let the last one make up the sum."""
    rounded = {name: round(share, 4) for name, share in shares.items()}
    last = "nothing" if "nothing" in rounded else list(rounded)[-1]
    rounded[last] = max(0.0, round(1.0 - fsum(share for name, share in rounded.items() if name != last), 4))
    return rounded


def _posted(posted: Share) -> Iterator[Found]:
    """Recorded in the core, of the actions: what a back office that posts by hand loses."""
    if posted.value is None:
        return
    low, high = _ends(posted)
    note = (
        f"{posted.hits:,} posted of {posted.base:,} actions; taken as lost by who posts them. A design that writes "
        "back itself has the core's faults instead, which a funnel does not show"
    )
    yield Found("back_office.lost_rate", 1.0 - posted.value, note, FITTED, (1.0 - high, 1.0 - low))


def _ends(share: Share) -> tuple[float, float]:
    return share.low or 0.0, 1.0 if share.high is None else share.high


_NOTHING: Mapping[str, Share] = {"delivered": Share(0, 0, None, None, None, None)}


def funnel_limits(estimate: FunnelEstimate) -> list[str]:
    """What a funnel cannot show, one sentence each."""
    stages = set(estimate.stages)
    said = [
        (
            "Messages delivered without a receipt: a lost receipt counts as undelivered, so delivery is a lower "
            "bound and clicks per delivered an upper one."
        ),
        "Who clicked: messages are counted, not people; two clicks of one customer are two.",
        "Touches: later messages of a sequence are mixed with first ones; the scenario's response decay parts them.",
        "How long anybody took, and consent, opt-outs and calls: no column holds them.",
        "Days on which something was clicked but sent before: each count is taken for its own day.",
    ]
    if "opened" not in stages:
        said.append("Opens and reads: not in the file (an SMS reports none); the scenario's rates stay.")
    if "verified" in stages:
        said.append(
            "Why a proof of identity failed: code late, not begun or typed wrong give the same count."
        )
    said += [
        f"{stage.capitalize()}: not in the file; the scenario's own rates stay."
        for stage in ("verified", "acted", "posted")
        if stage not in stages
    ]
    wide = [
        f"{stage} on {channel} ({share.dispersion:.1f} times)"
        for channel, rates in estimate.rates.items()
        for stage, share in rates.items()
        if channel != "all" and share.dispersion is not None and share.dispersion > _OVERDISPERSED
    ]
    if wide:
        said.append(f"Why days differ by more than chance: {', '.join(wide)}; intervals are widened for it.")
    return said


_OVERDISPERSED = 1.5
