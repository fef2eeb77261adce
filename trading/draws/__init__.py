"""Draws that nobody could have steered, and that anybody can replay."""
