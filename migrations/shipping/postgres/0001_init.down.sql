DROP TABLE forgotten_recipients;
DROP TABLE shipment_lines;
DROP TABLE shipments;
