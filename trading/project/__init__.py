"""Projects: who buys what, through whom, under whose supervision."""
