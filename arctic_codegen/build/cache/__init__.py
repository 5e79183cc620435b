"""The cache between builds: records of builds, scanned files, results by module."""
