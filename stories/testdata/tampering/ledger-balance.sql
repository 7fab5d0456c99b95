-- in payments.db, naming GBP: the ledger is a penny out
UPDATE ledger_postings SET amount = amount + 1 WHERE reference = '{delivered.payment}' AND account = 'sales';
