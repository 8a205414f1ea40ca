"""From a log to a baseline."""
