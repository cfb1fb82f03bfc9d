"""Our own durable tables: the outbox and the audit trail."""
