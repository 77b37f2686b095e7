"""What people have bought: granting, delivering, renewing and ending it."""
