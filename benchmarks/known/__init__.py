"""Desks with known answers: what the engine must agree with, and the figures others published."""
