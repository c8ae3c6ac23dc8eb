-- +goose Up
-- What happened. Rows are only ever added. No column is null: an absent value is
-- empty, so that the hash of a row is a plain function of its columns. at leads the
-- key because the sealer and every reader go by time; id alone is unique by chance
-- (128 random bits) and checked by the chain.
create table audit_events (
    at bigint not null,
    id text not null,
    kind text not null,
    actor text not null,
    person text not null,
    relying_party text not null,
    login text not null,
    data text not null,
    personal bytea not null,
    primary key (at, id)
);

-- The chain: which events were sealed when, what they were, and the batch before.
create table audit_batches (
    seq bigint not null primary key check (seq > 0),
    sealed_at bigint not null,
    first_at bigint not null,
    last_at bigint not null,
    entries bytea not null,
    previous bytea not null,
    head bytea not null,
    key_id text not null,
    signature bytea not null
);

-- The batches around a moment.
create index audit_batches_last on audit_batches (last_at);

-- +goose Down
drop table audit_batches;
drop table audit_events;
