"""Tables for operators, a page at a time: each page by an index, however long the table is."""
