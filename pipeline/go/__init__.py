"""The game itself: board, record, and the readers that make records of files."""
