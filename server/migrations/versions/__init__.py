"""The changes of the tables, each with its way back. Never edited once they were released."""
