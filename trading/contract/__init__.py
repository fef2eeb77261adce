"""Contracts: drawn from the award, signed by both sides, published, filed, performed; and what then goes back."""
