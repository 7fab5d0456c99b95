package identityfx

import (
	"time"

	"github.com/pangaea-shop/pangaea/modules/identity/internal/throttle"
)

// Settings are what an operator may decide about identity.
type Settings struct {
	StaffEmail      string `env:"PANGAEA_STAFF_EMAIL" default:"staff@pangaea.example" doc:"address of the first staff account"`
	StaffPassword   string `env:"PANGAEA_STAFF_PASSWORD" secret:"true" doc:"its password; generated and printed once where empty"`
	KeyDays         int    `env:"PANGAEA_SIGNING_KEY_DAYS" default:"30" doc:"days after which access tokens are signed with a new key"`
	TriesPerAccount int    `env:"PANGAEA_SIGN_IN_TRIES" default:"10" doc:"wrong passwords in 15 minutes per account and address; 0 is no limit"`
	TriesPerNetwork int    `env:"PANGAEA_SIGN_IN_TRIES_PER_NETWORK" default:"100" doc:"wrong passwords in an hour per network (/24, /56); 0 is no limit"`
	Cookies         string `env:"PANGAEA_COOKIES" default:"auto" oneof:"auto secure" doc:"secure: browsers send session cookies over TLS only, also where we do not speak it ourselves"`
}

func (s Settings) limits() throttle.Limits {
	return throttle.Limits{
		Account: throttle.Limit{Most: s.TriesPerAccount, Within: 15 * time.Minute},
		Network: throttle.Limit{Most: s.TriesPerNetwork, Within: time.Hour},
	}
}
