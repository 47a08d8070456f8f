"""Durable jobs: what is to be analysed, by whom, and how far it is."""
