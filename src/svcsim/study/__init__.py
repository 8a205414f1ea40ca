"""Runs and comparisons of scenarios."""
