"""What the product does: steps take a session, use cases open units of work and call ports."""
