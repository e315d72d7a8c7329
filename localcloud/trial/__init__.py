"""`tidegate try`: five releases on a local AWS, under traffic, each checked against its expected result."""
