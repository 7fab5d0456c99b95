DROP TABLE IF EXISTS inbox_messages;
DROP TABLE IF EXISTS inbox_lanes;
DROP TABLE IF EXISTS outbox_deliveries;
DROP TABLE IF EXISTS outbox_lanes;
DROP TABLE IF EXISTS outbox_events;
