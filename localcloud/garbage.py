"""Garbage is looked for less often: a cloud is many objects, of which hardly any are garbage."""

import gc

gc.set_threshold(50_000, 20, 50)
