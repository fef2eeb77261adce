"""Questions about a published tender, answers in batches, changes that move T, site visits and samples."""
