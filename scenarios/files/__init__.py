"""How files of the user's own and ours become plain data: reading, places, faults, values, sealing."""
