"""A pure fold from facts to the metrics defined in metrics.yaml."""
