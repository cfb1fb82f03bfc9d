"""SMS, WhatsApp, email and voice to test against: they return latency and faults as data and never wait."""
