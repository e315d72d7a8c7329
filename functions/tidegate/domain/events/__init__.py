"""What is told of a release: milestones, its story, numbers over time."""
