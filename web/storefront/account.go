package storefront

import (
	"errors"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

func showSignIn(v *visit) error {
	v.show(http.StatusOK, "signin", gin.H{"Title": "Sign in", "Next": v.next()})
	return nil
}

func signIn(v *visit) error {
	err := v.startSession("/api/v1/session", gin.H{"email": v.PostForm("email"), "password": v.PostForm("password")})
	var refusal *problem
	if errors.As(err, &refusal) && refusal.Status < http.StatusInternalServerError {
		v.show(refusal.Status, "signin", gin.H{"Title": "Sign in", "Next": v.next(), "Email": v.PostForm("email"), "Refusal": refusal})
		return nil
	}
	if err != nil {
		return err
	}
	v.goTo(v.next())
	return nil
}

func showRegister(v *visit) error {
	v.show(http.StatusOK, "register", gin.H{"Title": "Open an account", "Next": v.next()})
	return nil
}

// register opens an account and signs in. Whether the address was known shows only to whom the password belongs.
func register(v *visit) error {
	err := v.post("/api/v1/accounts", gin.H{
		"email": v.PostForm("email"), "password": v.PostForm("password"), "name": v.PostForm("name"),
	}, nil)
	var refusal *problem
	if errors.As(err, &refusal) && refusal.Status < http.StatusInternalServerError {
		v.show(refusal.Status, "register", gin.H{
			"Title": "Open an account", "Next": v.next(), "Email": v.PostForm("email"), "Name": v.PostForm("name"), "Refusal": refusal,
		})
		return nil
	}
	if err != nil {
		return err
	}
	return signIn(v)
}

func signOut(v *visit) error {
	header, err := v.send(http.MethodDelete, "/api/v1/session", nil, nil, "Cookie", v.GetHeader("Cookie"))
	if err != nil {
		return err
	}
	for _, cookie := range header.Values("Set-Cookie") {
		v.Writer.Header().Add("Set-Cookie", cookie)
	}
	v.goTo("/")
	return nil
}

type notice struct {
	Subject   string    `json:"subject"`
	Body      string    `json:"body"`
	OrderID   string    `json:"order_id"`
	CreatedAt time.Time `json:"created_at"`
}

func showAccount(v *visit) error { return v.showAccountWith(http.StatusOK, nil) }

func (v *visit) showAccountWith(status int, refusal *problem) error {
	var me struct {
		Name  string `json:"name"`
		Email string `json:"email"`
	}
	if err := v.get("/api/v1/accounts/me", &me); err != nil {
		return err
	}
	var notices page[notice]
	if err := v.get("/api/v1/notifications?page_size=20", &notices); err != nil {
		return err
	}
	v.show(status, "account", gin.H{"Title": "My account", "Me": me, "Notices": notices.Items, "Refusal": refusal})
	return nil
}

func closeAccount(v *visit) error {
	err := v.post("/api/v1/accounts/me/close", gin.H{"password": v.PostForm("password")}, nil)
	var refusal *problem
	if errors.As(err, &refusal) && refusal.Status < http.StatusInternalServerError {
		return v.showAccountWith(refusal.Status, refusal)
	}
	if err != nil {
		return err
	}
	return signOut(v)
}
