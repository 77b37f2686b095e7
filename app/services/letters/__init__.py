"""What people hear from the service by itself, and what they write to it."""
