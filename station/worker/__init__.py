"""The one consumer of the queue, which processes entries."""
