package rpc

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// serverCredentials let in who shows a certificate of a trusted authority.
func (s Settings) serverCredentials() (credentials.TransportCredentials, error) {
	authorities, err := s.authorities()
	if authorities == nil {
		return insecure.NewCredentials(), err
	}
	return credentials.NewTLS(&tls.Config{
		MinVersion:     tls.VersionTLS13,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return s.certificate() },
		ClientAuth:     tls.RequireAndVerifyClientCert,
		ClientCAs:      authorities,
	}), nil
}

// clientCredentials ask whose certificate, of a trusted authority, names the module that is asked for, wherever
// it was found.
func (s Settings) clientCredentials() (credentials.TransportCredentials, error) {
	authorities, err := s.authorities()
	if authorities == nil {
		return insecure.NewCredentials(), err
	}
	return credentials.NewTLS(&tls.Config{
		MinVersion:           tls.VersionTLS13,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return s.certificate() },
		RootCAs:              authorities,
	}), nil
}

// certificate is read for every connection, so that a new one counts without a restart.
func (s Settings) certificate() (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(s.Cert, s.Key)
	return &pair, err
}

// authorities are those of TLS, or nil without. Files that cannot be used stop the start.
func (s Settings) authorities() (*x509.CertPool, error) {
	switch {
	case s.Cert == "" && s.Key == "" && s.CA == "":
		return nil, nil
	case s.Cert == "" || s.Key == "" || s.CA == "":
		return nil, errors.New("PANGAEA_GRPC_CERT, PANGAEA_GRPC_KEY and PANGAEA_GRPC_CA are set together or not at all")
	}
	if _, err := s.certificate(); err != nil {
		return nil, fmt.Errorf("certificate for gRPC (PANGAEA_GRPC_CERT, PANGAEA_GRPC_KEY): %w", err)
	}
	text, err := os.ReadFile(s.CA)
	if err != nil {
		return nil, fmt.Errorf("authorities for gRPC (PANGAEA_GRPC_CA): %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("authorities for gRPC (PANGAEA_GRPC_CA): no certificate in %s", s.CA)
	}
	return pool, nil
}
