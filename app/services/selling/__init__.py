"""What is on sale and at which price: from a plan to an order with its way to pay."""
