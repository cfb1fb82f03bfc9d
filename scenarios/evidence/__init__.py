"""What a run leaves of its cases: the case book, one customer's story, the audit trail."""
