-- in payments.db, naming {returned.payment}: a refund went back that the ledger does not know of
DELETE FROM ledger_postings WHERE kind = 'refund_paid'
    AND reference IN (SELECT id FROM refunds WHERE payment_id = '{returned.payment}');
DELETE FROM ledger_transactions WHERE kind = 'refund_paid' AND payment_id = '{returned.payment}';
