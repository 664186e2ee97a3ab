"""What the author of a course uses: generated files, the matrix of mistakes and checks, the site, the figures."""
