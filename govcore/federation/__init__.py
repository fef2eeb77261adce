"""Sign in with an identity of somebody else's, by OpenID Connect."""
