"""Competitive consultation (竞争性磋商): talks with who responded, and the call for final offers."""
