"""What an outcome is worth to each country."""
