"""Small checks for problems of a station, each with a remedy; `diagnosis` runs them all."""
