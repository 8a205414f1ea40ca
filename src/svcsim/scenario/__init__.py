"""What if: named changes to a baseline."""
