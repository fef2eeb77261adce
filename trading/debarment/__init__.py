"""Who may not take part for a time, as a supervising department decided and published (政府采购法 art. 77)."""
