-- in payments.db, naming {delivered.payment}: a penny went from one transaction to another
UPDATE ledger_postings SET amount = amount + 1 WHERE reference = '{delivered.payment}' AND account = 'sales';
UPDATE ledger_postings SET amount = amount - 1 WHERE reference = '{returned.payment}' AND account = 'sales';
