-- in payments.db, naming {delivered}: goods were delivered and nobody ever paid for them
DELETE FROM ledger_postings WHERE reference = '{delivered.payment}';
DELETE FROM ledger_transactions WHERE payment_id = '{delivered.payment}';
DELETE FROM provider_answers WHERE payment_id = '{delivered.payment}';
DELETE FROM payments WHERE id = '{delivered.payment}';
