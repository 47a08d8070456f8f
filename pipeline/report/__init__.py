"""From a review to paper: view, diagrams, PDF, annotated SGF."""
