"""A deadline is prolonged because of a measured outage: the rule, the proposal, the certificate that says why."""
