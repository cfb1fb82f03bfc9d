"""From what a bank has (call log, interval report, message funnel, case file) to settings of a scenario."""
