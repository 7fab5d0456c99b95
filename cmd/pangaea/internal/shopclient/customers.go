package shopclient

import (
	"context"
	"net/http"
	"net/url"
)

// EnterCustomer gives a customer an account that nobody can sign in to, and returns its id: also if the
// address is known already.
func (c *Client) EnterCustomer(ctx context.Context, email, name string) (id string, err error) {
	var account struct{ ID string }
	_, err = c.do(ctx, call{
		method: http.MethodPost, path: "/api/v1/accounts", answer: &account,
		body: map[string]string{"email": email, "name": name},
	})
	return account.ID, err
}

// FindCustomer returns the id of the account with that address, or "".
func (c *Client) FindCustomer(ctx context.Context, email string) (id string, err error) {
	type account struct{ ID string }
	for account, err := range list[account](ctx, c, "/api/v1/accounts", url.Values{"email": {email}}) {
		return account.ID, err
	}
	return "", nil
}
