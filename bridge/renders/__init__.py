"""The renders of this session: their history, their passes, and their pixels."""
