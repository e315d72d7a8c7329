"""How a release ends, by whoever ends it: Finish, Roll back, Recover, or a release that supersedes it."""
