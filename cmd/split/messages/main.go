// Command messages runs a message server for a split on one machine, with nothing but a folder for what is under way.
package main

import (
	"fmt"
	"log/slog"
	"net"

	"go.uber.org/fx"

	"github.com/pangaea-shop/pangaea/platform/app"
	"github.com/pangaea-shop/pangaea/platform/bus/nats/server"
	"github.com/pangaea-shop/pangaea/platform/config"
)

// settings say where messages are taken and kept.
type settings struct {
	Address string `env:"PANGAEA_NATS_ADDR" default:"127.0.0.1:4222" doc:"where the message server listens; it knows no passwords, whoever reaches it may read and write everything"`
	Dir     string `env:"PANGAEA_NATS_DIR" default:"./data/messages" doc:"folder of the messages under way, one process at a time"`
}

var messages = fx.Options(
	app.Core,
	fx.Provide(config.Section[settings]),
	fx.Invoke(serve),
)

func main() { app.Run(messages) }

// serve runs the server for as long as the process.
func serve(life fx.Lifecycle, s settings) {
	var running *server.Server
	life.Append(fx.StartStopHook(
		func() (err error) {
			if running, err = server.Start(s.Address, s.Dir); err != nil {
				return fmt.Errorf("carry messages (PANGAEA_NATS_ADDR, PANGAEA_NATS_DIR): %w", err)
			}
			slog.Info("carrying messages: PANGAEA_BUS_URL names me to the others", "url", running.URL(), "folder", s.Dir)
			warnOfStrangers(s.Address)
			return nil
		},
		func() error { return running.Stop() },
	))
}

// warnOfStrangers warns where others than this machine's processes may reach the server.
func warnOfStrangers(address string) {
	host, _, _ := net.SplitHostPort(address)
	if ip := net.ParseIP(host); host != "localhost" && !ip.IsLoopback() {
		slog.Warn("the message server can be reached from outside this machine, and asks nobody who they are", "address", address)
	}
}
