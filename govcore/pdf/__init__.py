"""Official papers: fonts, measures and blocks of PDF documents in Chinese."""
