"""Functions, their versions and aliases: looking at them and changing them."""
