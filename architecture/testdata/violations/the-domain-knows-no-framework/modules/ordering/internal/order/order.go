package order

import _ "gorm.io/gorm/clause"
