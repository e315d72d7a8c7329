"""Event source mappings: pollers that read queues and streams, and invoke functions with batches.

Lambda guide, "How Lambda processes records from stream and queue-based event sources".
"""
