"""`tidegate try`: five releases on a local AWS, under traffic, each checked against what it must come to."""
