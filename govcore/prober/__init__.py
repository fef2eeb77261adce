"""A prober: it asks a site's public surfaces every few seconds and signs what it saw.

It is best run on another machine and line than the site, and shares nothing with it but the form of its reports.
"""
