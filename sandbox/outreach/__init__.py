"""Who may be messaged now: consent, quiet hours, caps and sequence."""
