"""Property tests draw as many examples as they are told to."""

from tests.property.examples import load_profile

load_profile()
