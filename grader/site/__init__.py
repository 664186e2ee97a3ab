"""The course as a small static site: lessons, checks and docs, made of the same files that are read elsewhere."""
