"""From files to game records: nothing is ever moved or changed here."""
