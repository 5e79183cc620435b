"""What is kept from one run to the next: records of builds, scanned files, results by module."""
