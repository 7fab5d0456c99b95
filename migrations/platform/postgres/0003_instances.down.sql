DROP INDEX tasks_next;
CREATE INDEX tasks_next ON tasks (state, due_at, id);
DROP INDEX inbox_messages_due;
CREATE INDEX inbox_messages_due ON inbox_messages (state, due_at);

ALTER TABLE tasks DROP COLUMN owner;
ALTER TABLE inbox_messages DROP COLUMN owner;
ALTER TABLE outbox_deliveries DROP COLUMN owner;

DROP TABLE instances;
