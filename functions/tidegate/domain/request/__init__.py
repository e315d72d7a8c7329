"""What someone asks for: read, checked as far as that is possible without asking AWS, with defaults filled in."""
