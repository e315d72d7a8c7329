"""The judge with the logs beside the metrics, on simulated traffic in slots of ten seconds: `make bench-fast`.

The situations are those of `make bench-judge`, in slots; a minute of the metrics is the sum of its six. Metrics are
visible as the product reads them, logs five seconds late. What is rolled back is judged by the product itself.
"""
