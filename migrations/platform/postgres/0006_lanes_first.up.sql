-- A lane is found by its key. With dest in front as well as in the primary key, PostgreSQL went by what it took the
-- table for, which is empty one moment and full the next, and read everything that a destination lacked.
ALTER TABLE outbox_deliveries DROP CONSTRAINT outbox_deliveries_dest_event_key_n_key;
ALTER TABLE outbox_deliveries ADD UNIQUE (event_key, dest, n);
