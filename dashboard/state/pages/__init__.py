"""The state of the pages Compare and Runs and of the fork dialog between script runs."""
