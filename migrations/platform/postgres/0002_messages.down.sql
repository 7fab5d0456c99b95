DROP TABLE inbox_messages;
DROP TABLE inbox_lanes;
DROP TABLE outbox_deliveries;
DROP TABLE outbox_lanes;
DROP TABLE outbox_events;
