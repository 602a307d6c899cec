"""What is done about a judge's biases: one module for each mitigation, or for those of a kind."""
