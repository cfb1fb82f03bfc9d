"""Pure statistics: Erlang-A, intervals, paired differences, verdicts."""
