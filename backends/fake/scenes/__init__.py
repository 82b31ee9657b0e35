"""What each scenario holds."""
