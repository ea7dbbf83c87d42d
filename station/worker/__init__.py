"""The one consumer of the queue, and what an entry becomes there."""
