"""What the pages other than Train remember between two script runs."""
