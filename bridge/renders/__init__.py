"""The renders of this session: their history, metadata, passes, and pixels."""
