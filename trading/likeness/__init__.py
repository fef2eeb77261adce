"""Signs that bids were made together (雷同性分析): listed after the read-out for who judges, never a verdict."""
