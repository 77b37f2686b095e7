"""The operator's web at `/admin`: what the chat shows operators, in a browser. Loaded when on."""
