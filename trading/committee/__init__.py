"""Who sits on a lot's committee, when it meets, and what its members read there."""
