-- catalog touches inventory: stock that is changed where it is shown, behind a name for it
WITH gone AS (UPDATE inventory.levels SET on_hand = 0 RETURNING sku) DELETE FROM availability WHERE sku IN (SELECT sku FROM gone)
