"""The product: the rules that would ship, the scorecard, the statistics, and the engine for load."""
