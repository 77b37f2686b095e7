"""What every update passes before its handler, in the order that dispatcher.py gives."""
