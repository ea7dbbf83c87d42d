"""What may be wrong with a station, each as a small check that says what to do; `diagnosis` runs them all."""
