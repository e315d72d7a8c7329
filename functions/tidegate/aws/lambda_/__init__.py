"""Functions, their versions and aliases: reading and changing them."""
