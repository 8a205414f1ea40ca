"""How the desk works: declarations; no clock, no chance."""
