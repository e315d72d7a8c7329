"""A chain of three functions at 10 %: an API function, an event bus, two consumers; by weights, and by users.

Every request goes through both chains, which have the same code. `make bench-chain` counts the users who met the new
version, and the requests in which versions mixed; `make pictures` draws them.
"""
