-- +goose Up
-- Procedures that somebody is in the middle of, each in one row, so that what was
-- typed is gone with it. handle_hash is the hash of what the browser holds; sealed is
-- what was typed, proven and counted; version counts the changes.
create table procedures (
    id text not null primary key,
    name text not null,
    handle_hash bytea not null unique,
    sealed bytea not null,
    version bigint not null check (version > 0),
    started_at bigint not null,
    expires_at bigint not null
);
create index procedures_expiry on procedures (expires_at);

-- +goose Down
drop table procedures;
