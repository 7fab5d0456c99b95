package prepare

import (
	"context"
	"database/sql"
)

// A settlement brings one module's schema in a PostgreSQL database to what is planned.
type settlement struct {
	tx       *sql.Tx
	database string
	*place
	others []string // roles of the other modules
	before string
}

// facts is all that this is about, as text: what is the same before and after was as it should be.
const facts = `
SELECT COALESCE(string_agg(fact, E'\n' ORDER BY fact), '') FROM (
	SELECT format('%s %s %s %s %s %s %s', rolname, rolcanlogin, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolbypassrls) AS fact
		FROM pg_roles WHERE rolname IN ($2, $3)
	UNION ALL SELECT format('%s is in %s', m.rolname, r.rolname)
		FROM pg_auth_members JOIN pg_roles m ON m.oid = member JOIN pg_roles r ON r.oid = roleid WHERE m.rolname IN ($2, $3)
	UNION ALL SELECT format('%s %s %s', datname, has_database_privilege($2, oid, 'CONNECT'), has_database_privilege($3, oid, 'CONNECT'))
		FROM pg_database WHERE datname = current_database() AND EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $2) AND EXISTS (SELECT 1 FROM pg_roles WHERE rolname = $3)
	UNION ALL SELECT format('schema of %s %s', nspowner, nspacl) FROM pg_namespace WHERE nspname = $1
	UNION ALL SELECT format('later %s %s %s', defaclrole, defaclobjtype, defaclacl)
		FROM pg_default_acl WHERE defaclnamespace = to_regnamespace(quote_ident($1))
	UNION ALL SELECT format('%s of %s %s', relname, relowner, relacl)
		FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident($1)) AND relkind IN ('r', 'p')
) AS all_of_them`

func (s *settlement) facts(ctx context.Context) (string, error) {
	return ask[string](ctx, s.tx, facts, s.schema, s.runtime.role, s.migrate.role)
}

// begin sees to the roles.
func (s *settlement) begin(ctx context.Context) (err error) {
	if s.before, err = s.facts(ctx); err != nil {
		return err
	}
	return s.roles(ctx)
}

// end sees to the schema.
func (s *settlement) end(ctx context.Context) (change, error) {
	for _, step := range []func(context.Context) error{s.owner, s.rights} {
		if err := step(ctx); err != nil {
			return unchanged, err
		}
	}
	after, err := s.facts(ctx)
	switch {
	case err != nil:
		return unchanged, err
	case !s.runtime.there || !s.migrate.there:
		return created, nil
	case s.runtime.fresh || s.migrate.fresh:
		return renewed, nil
	case s.before != after:
		return repaired, nil
	}
	return unchanged, nil
}

// roles creates both, with nothing that a role can have but a password, and takes from them what they have got since.
func (s *settlement) roles(ctx context.Context) error {
	for _, a := range s.accounts() {
		if !a.there {
			if err := run(ctx, s.tx, "CREATE ROLE "+quoted(a.role)+" LOGIN"); err != nil {
				return err
			}
		}
		if a.fresh {
			secret, err := verifier(a.password)
			if err == nil {
				err = run(ctx, s.tx, "ALTER ROLE "+quoted(a.role)+" PASSWORD '"+secret+"'")
			}
			if err != nil {
				return err
			}
		}
		powerful, err := ask[bool](ctx, s.tx, "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls OR NOT rolcanlogin "+
			"FROM pg_roles WHERE rolname = $1", a.role)
		if err == nil && powerful { // otherwise not a word: to say NOSUPERUSER one has to be one
			err = run(ctx, s.tx, "ALTER ROLE "+quoted(a.role)+" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS")
		}
		if err != nil {
			return err
		}
		friends, err := ask[string](ctx, s.tx, "SELECT COALESCE(string_agg(quote_ident(r.rolname), ', '), '') "+
			"FROM pg_auth_members JOIN pg_roles m ON m.oid = member JOIN pg_roles r ON r.oid = roleid WHERE m.rolname = $1", a.role)
		if err == nil && friends != "" {
			err = run(ctx, s.tx, "REVOKE "+friends+" FROM "+quoted(a.role))
		}
		if err != nil {
			return err
		}
	}
	return run(ctx, s.tx, "GRANT CONNECT ON DATABASE "+quoted(s.database)+" TO "+list([]string{quoted(s.runtime.role), quoted(s.migrate.role)}))
}

// owner gives the schema, and tables that somebody else has made in it, to who migrates.
func (s *settlement) owner(ctx context.Context) error {
	migrate := quoted(s.migrate.role)
	// An administrator who is no superuser has to be a member of who owns something.
	if err := run(ctx, s.tx, "GRANT "+migrate+" TO CURRENT_USER", "CREATE SCHEMA IF NOT EXISTS "+quoted(s.schema)+" AUTHORIZATION "+migrate); err != nil {
		return err
	}
	strange, err := ask[string](ctx, s.tx, "SELECT COALESCE(string_agg(statement, '; '), '') FROM ("+
		"SELECT format('ALTER SCHEMA %I OWNER TO %I', nspname, $2::text) AS statement FROM pg_namespace WHERE nspname = $1 AND pg_get_userbyid(nspowner) <> $2 "+
		"UNION ALL SELECT format('ALTER TABLE %I.%I OWNER TO %I', $1::text, relname, $2::text) FROM pg_class "+
		"WHERE relnamespace = to_regnamespace(quote_ident($1)) AND relkind IN ('r', 'p') AND pg_get_userbyid(relowner) <> $2) AS statements", s.schema, s.migrate.role)
	if err == nil && strange != "" {
		err = run(ctx, s.tx, strange)
	}
	return err
}

// rights gives the running shop rows to read and write, now and in tables to come, and nobody else anything: what
// the other modules' roles were given of this schema is taken from them.
func (s *settlement) rights(ctx context.Context) error {
	schema, runtime, migrate := quoted(s.schema), quoted(s.runtime.role), quoted(s.migrate.role)
	const rows = "SELECT, INSERT, UPDATE, DELETE"
	statements := []string{"SET LOCAL ROLE " + migrate, "REVOKE ALL ON SCHEMA " + schema + " FROM PUBLIC, " + list(s.others), "REVOKE CREATE ON SCHEMA " + schema + " FROM " + runtime}
	return run(ctx, s.tx, append(statements,
		"GRANT USAGE ON SCHEMA "+schema+" TO "+runtime,
		"REVOKE TRUNCATE, REFERENCES, TRIGGER ON ALL TABLES IN SCHEMA "+schema+" FROM "+runtime,
		"GRANT "+rows+" ON ALL TABLES IN SCHEMA "+schema+" TO "+runtime,
		"ALTER DEFAULT PRIVILEGES IN SCHEMA "+schema+" GRANT "+rows+" ON TABLES TO "+runtime,
		"RESET ROLE",
		"REVOKE "+migrate+" FROM CURRENT_USER",
	)...)
}
