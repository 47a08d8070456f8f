"""Which positions deserve deep search: recorded searches, and policies replayed on them."""
