"""The wider approval bureau: slices that stand on the same core and know nothing of each other."""
