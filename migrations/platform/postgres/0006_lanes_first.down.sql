ALTER TABLE outbox_deliveries DROP CONSTRAINT outbox_deliveries_event_key_dest_n_key;
ALTER TABLE outbox_deliveries ADD UNIQUE (dest, event_key, n);
