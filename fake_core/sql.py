"""The text of every statement in `statements`, made by tests/shipped_sql.py; not written by hand."""

from __future__ import annotations

CREATE = (
    (
        "\nCREATE TABLE IF NOT EXISTS account (\n\taccount_id INTEGER NOT NULL, \n\tstatus VARCHAR "
        "NOT NULL, \n\tarrears_band VARCHAR NOT NULL, \n\tbalance_minor INTEGER NOT NULL, \n"
        "\toverdue_minor INTEGER NOT NULL, \n\tbroken_promises INTEGER NOT NULL, \n\tvulnerable "
        "BOOLEAN NOT NULL, \n\tdisputed BOOLEAN NOT NULL, \n\tpayment_method_ok BOOLEAN NOT NULL, \n"
        "\tversion INTEGER NOT NULL, \n\tcomplete BOOLEAN NOT NULL, \n\tdetails VARCHAR NOT NULL, \n"
        "\tPRIMARY KEY (account_id)\n)\n\n"
    ),
    (
        "\nCREATE TABLE IF NOT EXISTS core_audit (\n\tseq INTEGER NOT NULL, \n\tat_ms INTEGER NOT "
        'NULL, \n\tkind VARCHAR NOT NULL, \n\t"key" VARCHAR NOT NULL, \n\tfingerprint VARCHAR NOT '
        "NULL, \n\tcase_id INTEGER NOT NULL, \n\taccount_id INTEGER NOT NULL, \n\tPRIMARY KEY (seq)\n)\n\n"
    ),
    (
        "\nCREATE TABLE IF NOT EXISTS core_event (\n\tseq INTEGER NOT NULL, \n\taccount_id INTEGER "
        "NOT NULL, \n\tkind VARCHAR NOT NULL, \n\tpayload VARCHAR NOT NULL, \n\tat_ms INTEGER NOT "
        "NULL, \n\tPRIMARY KEY (seq)\n)\n\n"
    ),
    (
        '\nCREATE TABLE IF NOT EXISTS posting (\n\tposting_id INTEGER NOT NULL, \n\t"key" VARCHAR, \n'
        "\tfingerprint VARCHAR NOT NULL, \n\tcase_id INTEGER NOT NULL, \n\taccount_id INTEGER NOT "
        "NULL, \n\taction VARCHAR NOT NULL, \n\tamount_minor INTEGER NOT NULL, \n\tdue_day_offset "
        "INTEGER NOT NULL, \n\tstatus VARCHAR NOT NULL, \n\tnote VARCHAR NOT NULL, \n\tsource VARCHAR "
        "NOT NULL, \n\tversion INTEGER NOT NULL, \n\tposted_at_ms INTEGER NOT NULL, \n\teffect VARCHAR "
        'NOT NULL, \n\tPRIMARY KEY (posting_id), \n\tUNIQUE ("key")\n)\n\n'
    ),
    (
        "\nCREATE TABLE IF NOT EXISTS idempotency (\n\tposting_id INTEGER NOT NULL, \n\tresponse "
        "VARCHAR NOT NULL, \n\tstored_at_ms INTEGER NOT NULL, \n\tPRIMARY KEY (posting_id), \n"
        "\tFOREIGN KEY(posting_id) REFERENCES posting (posting_id)\n)\n\n"
    ),
)
LOAD_ACCOUNT = (
    "INSERT INTO account (account_id, status, arrears_band, balance_minor, overdue_minor, "
    "broken_promises, vulnerable, disputed, payment_method_ok, version, complete, details) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
ADD_POSTING = (
    'INSERT INTO posting (posting_id, "key", fingerprint, case_id, account_id, action, '
    "amount_minor, due_day_offset, status, note, source, version, posted_at_ms, effect) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
ADD_STORED = "INSERT INTO idempotency (posting_id, response, stored_at_ms) VALUES (?, ?, ?)"
ADD_AUDIT = (
    'INSERT INTO core_audit (at_ms, kind, "key", fingerprint, case_id, account_id) VALUES (?, ?, ?, ?, ?, ?)'
)
ADD_EVENT = "INSERT INTO core_event (account_id, kind, payload, at_ms) VALUES (?, ?, ?, ?)"
CHANGE_ACCOUNT = (
    "UPDATE account SET balance_minor=?, overdue_minor=?, disputed=?, version=?, complete=? "
    "WHERE account.account_id = ? AND account.version = ?"
)
CHANGE_DETAILS = "UPDATE account SET details=? WHERE account.account_id = ?"
READ_ACCOUNT = (
    "SELECT account.account_id, account.status, account.arrears_band, account.balance_minor, "
    "account.overdue_minor, account.broken_promises, account.vulnerable, account.disputed, "
    "account.payment_method_ok, account.version, account.complete, account.details \nFROM "
    "account \nWHERE account.account_id = ?"
)
READ_COMPLETE = "SELECT account.complete \nFROM account \nWHERE account.account_id = ?"
READ_ACCOUNTS = (
    "SELECT account.account_id, account.status, account.arrears_band, account.balance_minor, "
    "account.overdue_minor, account.broken_promises, account.vulnerable, account.disputed, "
    "account.payment_method_ok, account.version, account.complete, account.details \nFROM "
    "account \nWHERE account.account_id >= ? AND account.account_id < ? ORDER BY "
    "account.account_id"
)
READ_STORED = (
    "SELECT posting.fingerprint, idempotency.response, idempotency.stored_at_ms \nFROM "
    "posting JOIN idempotency ON posting.posting_id = idempotency.posting_id \nWHERE "
    'posting."key" = ?'
)
READ_POSTINGS = (
    'SELECT posting.posting_id, posting."key", posting.fingerprint, posting.case_id, '
    "posting.account_id, posting.action, posting.amount_minor, posting.due_day_offset, "
    "posting.status, posting.note, posting.source, posting.version, posting.posted_at_ms, "
    "posting.effect \nFROM posting \nWHERE posting.case_id = ? ORDER BY posting.posting_id"
)
INDEX_POSTINGS = "CREATE INDEX IF NOT EXISTS posting_by_case ON posting (case_id)"
READ_LAST_POSTING = "SELECT coalesce(max(posting.posting_id), 0) AS coalesce_1 \nFROM posting"
COUNT_ACCOUNTS = "SELECT count(*) AS count_1 \nFROM account"
READ_TOTALS = (
    "SELECT (SELECT count(*) AS count_1 \nFROM posting) AS anon_1, (SELECT "
    "coalesce(sum(account.complete), 0) AS coalesce_1 \nFROM account) AS anon_2, (SELECT "
    "coalesce(sum(posting.amount_minor), 0) AS coalesce_2 \nFROM posting) AS anon_3, (SELECT "
    "coalesce(sum(posting.amount_minor), 0) AS coalesce_3 \nFROM posting \nWHERE "
    "posting.effect = 'payment') AS anon_4, (SELECT coalesce(sum(account.balance_minor), 0) "
    "AS coalesce_4 \nFROM account) AS anon_5, (SELECT count(*) AS count_2 \nFROM (SELECT "
    'core_audit."key" AS "key" \nFROM core_audit \nWHERE core_audit.kind = \'applied\' GROUP BY '
    'core_audit."key" \nHAVING count(*) > 1) AS anon_7) AS anon_6, (SELECT count(*) AS '
    "count_3 \nFROM core_audit \nWHERE core_audit.kind = 'applied') AS anon_8, (SELECT "
    "count(*) AS count_4 \nFROM core_event) AS anon_9"
)
CREATE_BLOCKS = (
    (
        "\nCREATE TABLE IF NOT EXISTS posting_block (\n\tnumber INTEGER NOT NULL, \n\tpostings BLOB "
        "NOT NULL, \n\tPRIMARY KEY (number)\n)\n\n"
    ),
)
ADD_POSTING_BLOCK = "INSERT INTO posting_block (number, postings) VALUES (?, ?)"
READ_POSTING_BLOCK = "SELECT posting_block.postings \nFROM posting_block \nWHERE posting_block.number = ?"
CLEAR_POSTING_BLOCKS = "DELETE FROM posting_block"
CREATE_RECORD = (
    (
        "\nCREATE TABLE IF NOT EXISTS record (\n\tposting_id INTEGER NOT NULL, \n\treference VARCHAR "
        "NOT NULL, \n\trecord VARCHAR NOT NULL, \n\tPRIMARY KEY (posting_id)\n)\n\n"
    ),
    ("CREATE INDEX IF NOT EXISTS record_by_reference ON record (reference)"),
)
ADD_RECORD = "INSERT INTO record (posting_id, reference, record) VALUES (?, ?, ?)"
FIND_RECORD = (
    "SELECT record.posting_id, record.record, posting.status, posting.version, "
    "posting.posted_at_ms \nFROM record JOIN posting ON record.posting_id = "
    "posting.posting_id \nWHERE record.reference = ? ORDER BY record.posting_id\n LIMIT 1 "
    "OFFSET 0"
)
