"""What logs have in common: lines become templates, and templates expressions that find their lines. Pure."""
