"""Grave work on the server itself, that takes two people: new key-encryption keys, and the return from a backup."""
