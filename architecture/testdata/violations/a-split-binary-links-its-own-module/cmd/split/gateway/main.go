package main

import _ "github.com/pangaea-shop/pangaea/modules/payments/paymentsfx"

func main() {}
