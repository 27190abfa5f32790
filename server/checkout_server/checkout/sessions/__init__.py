"""What became of a preview: how long a session lives, every state of a sale, and looking one up."""
