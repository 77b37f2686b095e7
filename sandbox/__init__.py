"""The world outside, for trying and testing the service without an account."""
