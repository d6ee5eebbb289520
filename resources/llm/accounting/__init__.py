"""What is paid: prices, budgets, and the ledger of usage."""
