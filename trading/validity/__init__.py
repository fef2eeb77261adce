"""How long bids bind their bidders (投标有效期), and its extension."""
