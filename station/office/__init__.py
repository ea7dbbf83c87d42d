"""What is exchanged with the office's programs: CSV files in, documents out."""
