"""The same small scenario on our queue and on DBOS Transact; see :mod:`queue_choice.run`."""
