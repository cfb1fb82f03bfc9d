"""The text of every statement in `statements`, made by tests/shipped_sql.py; not written by hand."""

from __future__ import annotations

CREATE = (
    (
        "\nCREATE TABLE IF NOT EXISTS audit (\n\tseq INTEGER NOT NULL, \n\tcase_id INTEGER NOT NULL, \n"
        "\tat_ms INTEGER NOT NULL, \n\tkind VARCHAR NOT NULL, \n\tbody VARCHAR NOT NULL, \n\tdigest "
        "BLOB NOT NULL, \n\tPRIMARY KEY (seq)\n)\n\n"
    ),
    (
        "\nCREATE TABLE IF NOT EXISTS audit_block (\n\tlast_seq INTEGER NOT NULL, \n\ttexts VARCHAR "
        "NOT NULL, \n\tdigests BLOB NOT NULL, \n\tPRIMARY KEY (last_seq)\n)\n\n"
    ),
    (
        "\nCREATE TABLE IF NOT EXISTS intent_block (\n\tnumber INTEGER NOT NULL, \n\tintents BLOB NOT "
        "NULL, \n\tPRIMARY KEY (number)\n)\n\n"
    ),
    (
        '\nCREATE TABLE IF NOT EXISTS outbox (\n\t"key" VARCHAR NOT NULL, \n\tfingerprint VARCHAR NOT '
        "NULL, \n\tcase_id INTEGER NOT NULL, \n\taccount_id INTEGER NOT NULL, \n\taction VARCHAR NOT "
        "NULL, \n\tamount_minor INTEGER NOT NULL, \n\tdue_day_offset INTEGER NOT NULL, \n"
        "\texpected_version INTEGER NOT NULL, \n\tnote VARCHAR NOT NULL, \n\tsource VARCHAR NOT "
        "NULL, \n\tinputs VARCHAR NOT NULL, \n\teffect VARCHAR NOT NULL, \n\tstate VARCHAR NOT NULL, \n"
        "\tattempts INTEGER NOT NULL, \n\tcreated_at_ms INTEGER NOT NULL, \n\tnext_try_at_ms INTEGER "
        'NOT NULL, \n\tlink VARCHAR NOT NULL, \n\tPRIMARY KEY ("key")\n)\n\n'
    ),
    (
        "CREATE INDEX IF NOT EXISTS outbox_due ON outbox (next_try_at_ms) WHERE state IN "
        "('pending', 'unknown')"
    ),
)
ADD_INTENT = (
    'INSERT INTO outbox ("key", fingerprint, case_id, account_id, action, amount_minor, '
    "due_day_offset, expected_version, note, source, inputs, effect, state, attempts, "
    "created_at_ms, next_try_at_ms, link) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?, ?, ?)"
)
HAS_INTENT = 'SELECT outbox."key" \nFROM outbox \nWHERE outbox."key" = ?'
READ_INTENT = (
    'SELECT outbox."key", outbox.fingerprint, outbox.case_id, outbox.account_id, '
    "outbox.action, outbox.amount_minor, outbox.due_day_offset, outbox.expected_version, "
    "outbox.note, outbox.source, outbox.inputs, outbox.effect, outbox.state, "
    "outbox.attempts, outbox.created_at_ms, outbox.next_try_at_ms, outbox.link \nFROM outbox \n"
    'WHERE outbox."key" = ?'
)
MOVE_INTENT = 'UPDATE outbox SET state=?, attempts=?, next_try_at_ms=? WHERE outbox."key" = ?'
READ_DUE = (
    'SELECT outbox."key", outbox.fingerprint, outbox.case_id, outbox.account_id, '
    "outbox.action, outbox.amount_minor, outbox.due_day_offset, outbox.expected_version, "
    "outbox.note, outbox.source, outbox.inputs, outbox.effect, outbox.state, "
    "outbox.attempts, outbox.created_at_ms, outbox.next_try_at_ms, outbox.link \nFROM outbox \n"
    "WHERE state IN ('pending', 'unknown') AND outbox.next_try_at_ms <= ? ORDER BY "
    'outbox.created_at_ms, outbox."key"\n LIMIT ? OFFSET 0'
)
READ_ACTS = (
    'SELECT outbox."key", outbox.fingerprint, outbox.case_id, outbox.account_id, '
    "outbox.action, outbox.amount_minor, outbox.due_day_offset, outbox.expected_version, "
    "outbox.note, outbox.source, outbox.inputs, outbox.effect, outbox.state, "
    "outbox.attempts, outbox.created_at_ms, outbox.next_try_at_ms, outbox.link \nFROM outbox \n"
    "WHERE link <> '' AND state <> 'refused' AND outbox.created_at_ms >= ? ORDER BY "
    'outbox.created_at_ms, outbox."key"'
)
ADD_AUDIT = "INSERT INTO audit (seq, case_id, at_ms, kind, body, digest) VALUES (?, ?, ?, ?, ?, ?)"
INDEX_AUDIT = "CREATE INDEX IF NOT EXISTS audit_by_case ON audit (case_id)"
READ_AUDIT = (
    "SELECT audit.seq, audit.case_id, audit.at_ms, audit.kind, audit.body, audit.digest \n"
    "FROM audit \nWHERE audit.seq > ? ORDER BY audit.seq\n LIMIT ? OFFSET 0"
)
READ_AUDIT_OF_CASE = (
    "SELECT audit.seq, audit.case_id, audit.at_ms, audit.kind, audit.body, audit.digest \n"
    "FROM audit \nWHERE audit.seq > ? AND audit.case_id = ? ORDER BY audit.seq\n LIMIT ? "
    "OFFSET 0"
)
ADD_BLOCK = "INSERT INTO audit_block (last_seq, texts, digests) VALUES (?, ?, ?)"
READ_NEXT_BLOCK = (
    "SELECT audit_block.last_seq, audit_block.texts, audit_block.digests \nFROM audit_block \n"
    "WHERE audit_block.last_seq > ? ORDER BY audit_block.last_seq\n LIMIT 1 OFFSET 0"
)
ADD_INTENTS = "INSERT INTO intent_block (number, intents) VALUES (?, ?)"
CLEAR_INTENTS = "DELETE FROM intent_block"
READ_INTENTS = "SELECT intent_block.intents \nFROM intent_block \nWHERE intent_block.number = ?"
