"""The report: a page for each submission, and one for the class, as files that need no network and no server."""
