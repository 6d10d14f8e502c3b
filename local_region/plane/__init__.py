"""Data planes: providers of bodies for what the control plane describes."""
