-- An account is read with all that was asked for its payment.
CREATE INDEX provider_requests_payment_id ON provider_requests (payment_id);
