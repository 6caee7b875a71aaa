"""An independent recomputation of trials; tools/replicate.py is its command line."""
