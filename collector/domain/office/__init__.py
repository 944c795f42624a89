"""The office: its calendar, its fleet, who answers for what, and the targets."""
