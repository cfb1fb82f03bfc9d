"""How far a setting may go and how few agents suffice: theory's proposal, then the simulation's answer."""
