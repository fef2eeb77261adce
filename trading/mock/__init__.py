"""Mock openings (模拟开标): an opening rehearsed with test keys and test envelopes; nothing of it stays."""
