-- The index provider_requests_payment_id, which 0002 adds elsewhere, is in 0001 here: adding one cannot be repeated
-- where it was interrupted, and no such database was made before there was the index.
DO 0;
