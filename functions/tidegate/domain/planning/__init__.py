"""From a request, and what was found of its targets, to the plan of a release."""
