-- The order of the columns, which 0006 changes elsewhere, is in 0002 here: an ALTER cannot be repeated where it was
-- interrupted, and no such database was made before.
DO 0;
