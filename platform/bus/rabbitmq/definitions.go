package rabbitmq

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
)

// Definitions are what a broker tells of itself and can be told, in the JSON of its own: rabbitmqctl
// export_definitions, the management's /api/definitions, load_definitions in its configuration.
type Definitions struct {
	VirtualHosts []VirtualHost `json:"vhosts,omitempty"`
	Users        []User        `json:"users,omitempty"`
	Grants       []Grant       `json:"permissions,omitempty"`
	TopicGrants  []TopicGrant  `json:"topic_permissions,omitempty"`
	Exchanges    []Exchange    `json:"exchanges,omitempty"`
	Queues       []Queue       `json:"queues,omitempty"`
	Bindings     []Binding     `json:"bindings,omitempty"`
}

// A VirtualHost is a world of its own in a broker.
type VirtualHost struct {
	Name string `json:"name"`
}

// A User signs in. Tags are for those who may administer.
type User struct {
	Name      string   `json:"name"`
	Hash      string   `json:"password_hash"`
	Algorithm string   `json:"hashing_algorithm"`
	Tags      []string `json:"tags"`
}

// A Grant is what a user may do in a virtual host.
type Grant struct {
	User        string `json:"user"`
	VirtualHost string `json:"vhost"`
	Configure   string `json:"configure"`
	Write       string `json:"write"`
	Read        string `json:"read"`
}

// A TopicGrant narrows what a user may say and hear by topic, which nobody here needs.
type TopicGrant struct {
	User        string `json:"user"`
	VirtualHost string `json:"vhost"`
	Exchange    string `json:"exchange"`
	Write       string `json:"write"`
	Read        string `json:"read"`
}

const sha256Hashes = "rabbit_password_hashing_sha256"

// NewUser is one without any rights, and what a broker keeps of the password: a hash that is another one each time.
func NewUser(name, password string) User {
	salt := make([]byte, saltSize)
	_, _ = rand.Read(salt) // never fails
	return User{Name: name, Hash: hash(salt, password), Algorithm: sha256Hashes, Tags: []string{}}
}

// Has reports whether that is the user's password.
func (u User) Has(password string) bool {
	kept, err := base64.StdEncoding.DecodeString(u.Hash)
	return err == nil && len(kept) > saltSize && u.Algorithm == sha256Hashes && u.Hash == hash(kept[:saltSize], password)
}

const saltSize = 4 // as brokers want it

func hash(salt []byte, password string) string {
	sum := sha256.Sum256(append(bytes.Clone(salt), password...))
	return base64.StdEncoding.EncodeToString(append(bytes.Clone(salt), sum[:]...))
}

// Define gives a user who is these modules all that they need in a virtual host.
func (d *Definitions) Define(vhost string, user User, options Options, modules ...string) {
	d.Users = append(d.Users, user)
	may := options.Rights(modules...)
	d.Grants = append(d.Grants, Grant{user.Name, vhost, may.Configure, may.Write, may.Read})
	for _, module := range modules {
		layout := options.Layout(module)
		for _, e := range layout.Exchanges {
			e.VirtualHost = vhost
			d.Exchanges = append(d.Exchanges, e)
		}
		for _, q := range layout.Queues {
			q.VirtualHost = vhost
			d.Queues = append(d.Queues, q)
		}
		for _, b := range layout.Bindings {
			b.VirtualHost = vhost
			d.Bindings = append(d.Bindings, b)
		}
	}
}
