"""Bodies for what the control plane describes."""
