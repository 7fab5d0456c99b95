-- Several processes may share a database on a server: see platform/database.
--
-- The columns named owner, which 0003 adds elsewhere, are in 0001 and 0002 here: an ALTER cannot be repeated
-- where it was interrupted, and no such database was made before there were instances.

-- The processes that run on this database. One whose time is over is dead, and others take over its work.
CREATE TABLE IF NOT EXISTS instances (
    id          VARCHAR(255) NOT NULL PRIMARY KEY,
    alive_until BIGINT       NOT NULL -- by the database's clock
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
