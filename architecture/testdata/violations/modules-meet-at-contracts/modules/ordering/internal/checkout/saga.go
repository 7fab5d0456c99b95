package checkout

import _ "github.com/pangaea-shop/pangaea/modules/payments/paymentsrpc"
