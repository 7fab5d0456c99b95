package database

import (
	"net"
	"time"
)

// silent is for how long the other end of a connection may give no sign at all, not even that it has received what was
// sent, before the connection is given up: its host is gone, or what is between has forgotten it. A server that answers
// slowly gives such signs.
const silent = 15 * time.Second

// dialer connects to servers.
var dialer = net.Dialer{
	KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: silent / 3, Interval: silent / 3, Count: 2},
	Control:         heeds,
}
