"""What can be taken out of a run: tables, weights, the data it used, a program that makes it again."""
