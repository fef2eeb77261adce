"""Awards: candidates' publicity, award notice, result notice."""
