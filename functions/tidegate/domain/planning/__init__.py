"""From a request and the state of its targets to the plan of a release."""
