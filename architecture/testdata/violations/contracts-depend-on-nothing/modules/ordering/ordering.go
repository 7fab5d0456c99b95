package ordering

import _ "github.com/pangaea-shop/pangaea/platform/money"
