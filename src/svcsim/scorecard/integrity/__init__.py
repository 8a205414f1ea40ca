"""Data-integrity detectors: patterns in a log that make its KPIs say less than they seem to.

Every finding is a reason to check, never a verdict. `detect` runs all that the data allow.
"""
