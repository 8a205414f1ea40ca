"""What is asked of people and what a period scored."""
