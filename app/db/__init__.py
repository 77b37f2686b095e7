"""PostgreSQL: engine, unit of work, lock, models, migrations."""
