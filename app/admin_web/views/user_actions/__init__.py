"""What operators do for one user, by the services of the chat's card."""
