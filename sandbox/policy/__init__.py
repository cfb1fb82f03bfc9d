"""Rule documents compiled to allowed and blocked actions with reason codes."""
