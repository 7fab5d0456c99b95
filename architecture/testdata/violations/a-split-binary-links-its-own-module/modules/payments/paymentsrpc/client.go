package paymentsrpc

import _ "github.com/pangaea-shop/pangaea/modules/payments/internal/jsonrpc"
