package main

import (
	_ "github.com/pangaea-shop/pangaea/modules/payments/paymentsfx"
	_ "github.com/pangaea-shop/pangaea/modules/payments/paymentsrpc"
)

func main() {}
