"""Input from people: decisions on a release, freezes, and repaired aliases."""
