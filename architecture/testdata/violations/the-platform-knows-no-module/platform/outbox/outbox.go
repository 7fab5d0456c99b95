package outbox

import _ "github.com/pangaea-shop/pangaea/modules/ordering"
