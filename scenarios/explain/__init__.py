"""Why designs come out as they do: diagnosis, handoffs, failure modes, and who fares better or worse."""
