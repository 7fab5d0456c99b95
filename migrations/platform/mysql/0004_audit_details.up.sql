-- What else is to be known of an entry of the audit log, such as an operator's reason: see platform/audit. A
-- table of its own, because few entries have any and some have much.
CREATE TABLE IF NOT EXISTS audit_details (
    entry   VARCHAR(64) NOT NULL PRIMARY KEY, -- the id in audit_log
    details LONGTEXT    NOT NULL              -- a JSON object of texts
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin;
