"""What people watch: begun, drawn, diagnosed, ended."""
