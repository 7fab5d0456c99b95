-- Finds cancelled orders whose goods or money are not back: see store/unfinished.go. An order that is not
-- cancelled has the same values here from beginning to end, so that going its way it costs nothing.
CREATE INDEX orders_unsettled ON orders (stock_settled, money_settled, cancel_reason);
