"""How each engine is driven: connections, transactions, schemas, and who may open what."""
