"""The check of priced bills of quantities (清标): what a committee asks about, never what it rejects for."""
