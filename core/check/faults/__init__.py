"""The faults that a check tries, and which of them explains the samples best."""
