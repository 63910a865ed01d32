"""One SQL text and two engines: a transaction is one plain function, a query another."""
