"""Data exchange with the office's programs: CSV files in, documents in and out."""
