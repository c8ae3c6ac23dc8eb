-- +goose Up
-- What one login gave to one OpenID Connect client. id is the login's, so that a
-- login gives one grant. sealed holds the frozen outcome and is erased when the grant
-- is revoked; the row stays as a tombstone, so that a replayed code is known.
-- expires_at moves to ends_at when a code is redeemed that has refresh tokens: an
-- unredeemed grant is gone within minutes. No foreign keys: they would write to the
-- rows of persons and sessions at each login.
create table grants (
    id text not null primary key,
    client_id text not null,
    relying_party text not null,
    person_id text not null,
    session_id text not null,
    code_hash bytea not null unique,
    code_expires_at bigint not null,
    redirect_uri text not null,
    challenge text not null,
    refresh text not null check (refresh in ('none', 'session', 'offline')),
    sealed bytea,
    created_at bigint not null,
    spent_at bigint,
    revoked_at bigint,
    ends_at bigint not null,
    expires_at bigint not null
);
create index grants_session on grants (session_id);
create index grants_person on grants (person_id);
create index grants_expiry on grants (expires_at);

-- Access and refresh tokens, hashed. A token counts while its grant is not revoked.
-- rotated_at, seed and next_hash: a refresh token of a public client that was used.
create table tokens (
    hash bytea not null primary key,
    grant_id text not null,
    kind text not null check (kind in ('access', 'refresh')),
    scope text not null,
    created_at bigint not null,
    expires_at bigint not null,
    rotated_at bigint,
    seed bytea,
    next_hash bytea
);
create index tokens_expiry on tokens (expires_at);

-- Identifiers of client assertions that were used, until they expire.
create table replays (
    hash bytea not null primary key,
    expires_at bigint not null
);
create index replays_expiry on replays (expires_at);

-- Requests that came by POST from another site, on their way to a GET that carries
-- our cookies. Each is read once.
create table posted_requests (
    hash bytea not null primary key,
    sealed bytea not null,
    expires_at bigint not null
);
create index posted_requests_expiry on posted_requests (expires_at);

-- +goose Down
drop table posted_requests;
drop table replays;
drop table tokens;
drop table grants;
