package stories

import (
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

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
	shop.sellsWithout(broker)
	t.Logf("%v; %d orders, %.0f duplicate deliveries refused", seen, orders, refused+shop.metric(duplicates))
}

// sellsWithout stops the broker for longer than anything may wait. That is for whoever looks after it: customers order,
// and their orders go on when it is back, but for those whose deadline was over before.
func (s *shop) sellsWithout(broker *rabbitmqtest.Broker) {
	s.t.Helper()
	bob := s.customer("bob")
	broker.Signal(syscall.SIGSTOP)
	bob.place("tok_approve", "KNOB", 1)
	eventually(s.t, func() bool { return strings.Contains(s.says().Concerns["ordering outbox"], "and gets none") }, "nobody is told")
	require.Empty(s.t, s.unready())
	last := bob.place("tok_approve", "KNOB", 1)

	broker.Signal(syscall.SIGCONT)
	bob.becomes(last.ID, "delivered")
	s.isSound()
}
