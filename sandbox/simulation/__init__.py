"""The only place that imports SimPy: it puts the real rules under load."""
