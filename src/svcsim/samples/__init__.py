"""A desk with known truth from which the demo history is generated."""
