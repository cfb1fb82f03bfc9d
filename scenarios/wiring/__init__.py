"""From the blocks of a scenario to the settings of the parts that run it; `scenarios.wire` puts them together."""
