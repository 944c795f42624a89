"""Values of the domain as texts and numbers, as every ledger keeps them and sites tell them."""
