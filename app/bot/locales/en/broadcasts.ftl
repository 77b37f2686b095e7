error-broadcast-changed = This broadcast is not at that point any more. Open /broadcast to see where it is.
