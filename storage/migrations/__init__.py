"""The tables' history, step by step; read by Alembic from inside the installed package."""
