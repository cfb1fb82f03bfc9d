"""Where a world is described, wired and run."""
