"""The way of a question: kept, shared, planned, asked, counted."""
