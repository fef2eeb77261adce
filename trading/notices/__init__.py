"""Public notices: what must be published of a procedure, in one ordered sequence that nobody can change."""
