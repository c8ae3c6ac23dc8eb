-- +goose Up
-- Logins, from their first challenge on. person_id is null until a challenge or
-- evidence names somebody; state holds evidence and answer, sealed.
create table logins (
    id text not null primary key,
    relying_party text not null,
    person_id text,
    session_id text,
    state bytea not null,
    reason text,
    opened_at bigint not null,
    finished_at bigint,
    expires_at bigint not null
);
create index logins_expiry on logins (expires_at);

-- Requests that are too large for a cookie.
create table login_requests (
    id text not null primary key,
    sealed bytea not null,
    expires_at bigint not null
);
create index login_requests_expiry on login_requests (expires_at);

-- Single sign-on sessions. The browser's token is stored hashed.
create table sessions (
    id text not null primary key,
    token_hash bytea not null unique,
    person_id text not null,
    state bytea not null,
    created_at bigint not null,
    seen_at bigint not null,
    ended_at bigint,
    expires_at bigint not null
);
create index sessions_person on sessions (person_id);
create index sessions_expiry on sessions (expires_at);

-- +goose Down
drop table sessions;
drop table login_requests;
drop table logins;
