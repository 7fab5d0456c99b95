DROP TABLE effects;
DROP TABLE versions;
