package stories

import (
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"github.com/pangaea-shop/pangaea/platform/bus/rabbitmq/rabbitmqtest"
)

// A shop whose events take a RabbitMQ of its own, while both fail at random moments: customers notice nothing.
func TestNothingIsLostToFaultsOfABroker(t *testing.T) {
	if !rabbitmqtest.Installed(t) {
		return
	}
	count, seed := faults(t)
	random := rand.New(rand.NewPCG(seed, 1))
	broker := rabbitmqtest.Own(t)
	shop := open(t, "PANGAEA_BUS_URL="+broker.URL())
	shop.isSound()
	broker.Restart() // a queue that is new does not survive what follows
	customers := gather(seed, shop)

	seen := map[string]int{}
	names := []string{"kill the broker", "stop the broker for a while", "kill the shop"}
	var refused float64
	for fault := range max(len(names), count/10) { // a broker takes several seconds to come back
		<-time.After(time.Duration(200+random.IntN(600)) * time.Millisecond)
		name := names[fault%len(names)]
		seen[name]++
		switch name {
		case "kill the broker":
			broker.Kill()
			<-time.After(time.Second) // in which customers order all the same
			broker.Start()
		case "stop the broker for a while":
			broker.Signal(syscall.SIGSTOP)
			<-time.After(time.Second)
			broker.Signal(syscall.SIGCONT)
		case "kill the shop":
			refused += shop.metric(duplicates)
			shop.kill()
			shop.isSound() // with what the broker holds now, and nobody hears
			shop.start()
		}
		shop.ready()
		shop.isSound()
	}
	orders := customers.leaves(shop)
	t.Logf("%v; %d orders, %.0f duplicate deliveries refused", seen, orders, refused+shop.metric(duplicates))
}
