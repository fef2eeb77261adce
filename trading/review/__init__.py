"""The review of opened bids before they are scored: gates, corrections, questions to bidders, policies."""
