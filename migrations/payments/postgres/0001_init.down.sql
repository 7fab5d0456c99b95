DROP TABLE ledger_postings;
DROP TABLE ledger_transactions;
DROP TABLE payment_alarms;
DROP TABLE provider_answers;
DROP TABLE refunds;
DROP TABLE payments;
