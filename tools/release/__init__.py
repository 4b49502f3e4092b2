"""What is done by hand when a version is released."""
