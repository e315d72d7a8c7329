"""What is known of both versions of a target by the minute, and what it says of the new one."""
