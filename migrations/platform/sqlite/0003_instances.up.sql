-- Several processes may share a database on a server: see platform/database.

-- The processes that run on this database. One whose time is over is dead, and others take over its work.
CREATE TABLE instances (
    id          TEXT    NOT NULL PRIMARY KEY,
    alive_until INTEGER NOT NULL -- by the database's clock
) STRICT;

-- The instance that works on a row: the one that wrote it. In an embedded file there is one, named ''.
ALTER TABLE outbox_deliveries ADD COLUMN owner TEXT NOT NULL DEFAULT ''; -- no index: its dest is found by the key
ALTER TABLE inbox_messages ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE tasks ADD COLUMN owner TEXT NOT NULL DEFAULT '';

DROP INDEX inbox_messages_due;
CREATE INDEX inbox_messages_due ON inbox_messages (state, owner, due_at);
DROP INDEX tasks_next;
CREATE INDEX tasks_next ON tasks (state, owner, due_at, id);
