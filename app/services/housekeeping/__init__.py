"""What is over and done with leaves the database, in small bites."""
