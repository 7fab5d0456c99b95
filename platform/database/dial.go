package database

import (
	"net"
	"time"
)

// silent is for how long the host at the other end of a connection may give no sign at all before the connection is given
// up: it is gone, or what is between has forgotten it. The host of a server that is slow gives signs. On Linux it is also
// for how long the server may have no room for what is sent.
const silent = 15 * time.Second

// dialer connects to servers.
var dialer = net.Dialer{
	KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: silent / 3, Interval: silent / 3, Count: 2},
	Control:         limitSending,
}
