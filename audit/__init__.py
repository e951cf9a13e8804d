"""The append-only log of every act. Imports no other app."""
