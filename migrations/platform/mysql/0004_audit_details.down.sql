DROP TABLE IF EXISTS audit_details;
