"""What people say to Tidegate: decisions on a release, freezes, that an alias is whole again."""
