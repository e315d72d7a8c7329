"""The judge beside the rules people use, on the same simulated traffic: `make bench-judge`.

Poisson traffic, routed at random by the weights, with data one minute old: what minute k shows is acted on at the end
of minute k + 1. Fixed seeds. The verdicts are the product's own; a vectorised copy of its e-values only finds the runs
and minutes in which it cannot fail, and a test holds the copy to the product.
"""
