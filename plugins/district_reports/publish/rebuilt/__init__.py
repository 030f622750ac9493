"""Whether releases still are what the ledger gives: figures, protection and bundle made again and compared."""
