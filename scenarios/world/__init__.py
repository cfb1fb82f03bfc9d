"""What a scenario is: its document with everything it names, settings applied and checked; and how one is written."""
