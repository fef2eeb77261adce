"""The archive of a tender's round: one package that anybody can check offline with the log's key alone."""
