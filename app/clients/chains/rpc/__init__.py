"""Several endpoints of one chain as one: asked in turn, watched, none trusted alone."""
