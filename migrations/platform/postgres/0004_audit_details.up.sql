-- What else is to be known of an entry of the audit log, such as an operator's reason: see platform/audit. A
-- table of its own, because few entries have any and some have much.
CREATE TABLE audit_details (
    entry   text COLLATE "C" NOT NULL PRIMARY KEY, -- the id in audit_log
    details text COLLATE "C" NOT NULL              -- a JSON object of texts
);
