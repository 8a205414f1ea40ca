"""What to ask next, and how sure."""
