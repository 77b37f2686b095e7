"""Pictures of figures, drawn in processes of their own."""
