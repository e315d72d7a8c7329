"""Events of a release: milestones and their timeline."""
