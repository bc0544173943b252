"""The operators: each gathers its input, calls the layers below, and reports."""
