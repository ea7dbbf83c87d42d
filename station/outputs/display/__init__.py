"""What the displays show, as one document with a version."""
