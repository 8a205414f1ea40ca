"""Metrics where the data are: the declarations of the catalogue, aggregated by an engine."""
