"""How a release ends: by Finish, Roll back, Recover, or a release that supersedes it."""
