"""A small workflow that is no collections: an address change, as the files its owner would write."""

from __future__ import annotations

from collections.abc import Callable

POLICY = """\
policy: address-change
version: 1
title: Confirm or change the address on file
trigger: Mail came back.
completion:
  customer_action: The customer gives an address or confirms the old one.
  policy_condition: Identity was strong enough and every input within its limits.
  writeback_destination: The account's details in the core.
  evidence: [message_sent, consent, identity_proof, policy_decision, submitted_inputs, core_receipt]
facts:
  mail: {kind: word, one_of: [delivered, returned]}
  returns: {kind: number, at_most: 20}
  address: {kind: text, default: unknown}
  confirmed: {kind: flag, default: false}
segments:
  - {segment: returned-mail, when: {mail: {equals: returned}}}
  - {segment: all-others}
exclude_when:
  - {rule: closed, when: {status: {equals: closed}}, reason: account_closed}
  - {rule: done, when: {complete: {equals: true}}, reason: already_complete}
person_when:
  - {rule: vulnerable, when: {vulnerable: {equals: true}}, reason: vulnerable}
actions:
  change_address:
    effect: change
    identity: login
    routine: true
    form:
      heading: "Your address"
      confirms: "Your new address is saved."
      reads: "Mail to {address} came back {returns} times."
      fields:
        street: {kind: text, label: Street, chars_min: 12, chars_max: 40, sensitive: true}
        from_day: {kind: date, label: Valid from, at_least_days: 0, at_most_days: 10}
        agreed: {kind: tick, label: This is where I live}
    writeback:
      status: address_changed
      set: {address: $street, mail: delivered, valid_from: $from_day}
      flags: {add: [confirmed]}
      note: "address changed in self-service"
    evidence: [identity_proof, submitted_inputs, core_receipt]
    blocked_when:
      - {rule: too-often, when: {returns: {at_least: 9}}, reason: returned_too_often}
  confirm_address:
    effect: change
    identity: login
    routine: true
    segments: [all-others]
    writeback: {status: address_confirmed, flags: {add: [confirmed]}}
    evidence: [identity_proof, core_receipt]
  question_address:
    effect: change
    identity: login
    routine: false
    writeback: {status: address_in_question}
    evidence: [identity_proof, core_receipt]
exception_triggers: [identity_failed, no_action_allowed, core_unavailable, missing_data]
"""

SCENARIO = """\
extends: retail-bank-200k
title: An address change
story: Mail came back.
workflow: address_change
policy: ./address-change.yaml
baseline: in-message
designs:
  - in-message: ./in-message.yaml
  - by-phone: sms-to-call
campaign: {messages: 1200, touches_per_case: 2, touch_gap_days: 3}
calendar: {working_days: 10}
call_centre: {other_traffic: {calls_per_day: 60}}
expect: []
customers:
  form_errors_rate: 0.2
  wishes:
    value: {change_address: 0.5, confirm_address: 0.3, question_address: 0.05, person: 0.05, nothing: 0.1}
    source: assumption
  facts:
    mail: {shares: {delivered: 0.4, returned: 0.6}}
    returns: {least: 0, most: 10}
    address: {shares: {"1 Old Road": 0.7, "2 Old Road": 0.3}}
    confirmed: {shares: {false: 1}, missing_rate: 0.1}
"""

DESIGN = """\
design: in-message
title: Completion inside the message, behind a login
normal_path: self_service
steps:
  - {id: message, kind: message, channel: sms, engages_by: click, next: open_link}
  - {id: open_link, kind: open_link, next: login, on: {refused: unproven}}
  - {id: login, kind: login, next: choose, on: {failed: unproven, dropped: end}}
  - {id: choose, kind: choose, next: write_back, on: {person: person, dispute: person, unproven: unproven}}
  - {id: write_back, kind: write_back, next: confirm, on: {refused: choose, queued: confirm}}
  - {id: confirm, kind: confirm, next: end}
  - {id: unproven, kind: exception, reason: identity_failed, next: call_queue}
  - {id: person, kind: exception, reason: needs_person, next: call_queue}
  - {id: call_queue, kind: call_queue, next: agent}
  - {id: agent, kind: agent, next: agent_write_back}
  - {id: agent_write_back, kind: write_back, next: end}
"""


def written(write: Callable[[str, str], str], scenario: str = SCENARIO, policy: str = POLICY) -> str:
    """Write the three files and return the scenario's path."""
    write("address-change.yaml", policy)
    write("in-message.yaml", DESIGN)
    return write("my.yaml", scenario)
