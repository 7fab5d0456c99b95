-- catalog touches inventory: stock that is changed where it is shown, hidden in a condition
DELETE FROM availability WHERE sku IN (SELECT sku FROM levels WHERE on_hand = 0)
