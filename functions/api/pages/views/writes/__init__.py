"""Pages that change something, and the pages around them: uploads and receipts, decisions on releases, feedback."""
