"""Procedures as data: rule sets, the periods they set, and why a day is the day it is."""
