"""Pure rules of the product and the ports to the outside world."""
