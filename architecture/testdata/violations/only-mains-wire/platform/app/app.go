package app

import (
	_ "github.com/pangaea-shop/pangaea/modules/catalog/catalogrpc"
	_ "github.com/pangaea-shop/pangaea/modules/ordering/orderingfx"
)
