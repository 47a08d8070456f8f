"""Every Chinese word that a user sees, and nothing else."""
