DROP TABLE IF EXISTS ledger_postings;
DROP TABLE IF EXISTS ledger_transactions;
DROP TABLE IF EXISTS payment_alarms;
DROP TABLE IF EXISTS provider_answers;
DROP TABLE IF EXISTS refunds;
DROP TABLE IF EXISTS payments;
