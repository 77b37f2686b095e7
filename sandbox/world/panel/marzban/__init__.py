"""Marzban's side of the world, and that of PasarGuard, which it became."""
