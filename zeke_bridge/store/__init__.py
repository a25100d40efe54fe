"""State on disk: consents, the trust ledger, the audit chain."""
