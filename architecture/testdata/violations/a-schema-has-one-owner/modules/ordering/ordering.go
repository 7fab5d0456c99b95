package ordering
