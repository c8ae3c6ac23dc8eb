-- +goose Up
-- The key rings. Every secret is sealed under the master key, which is not in this
-- database. The two partial indexes let several nodes create and rotate a ring at
-- once: of each use and algorithm one key is active and one is next.
create table keys (
    id text not null primary key,
    use text not null,
    alg text not null,
    state text not null check (state in ('next', 'active', 'retired')),
    sealed bytea not null,
    public bytea not null,
    created_at bigint not null,
    activates_at bigint,
    retires_at bigint
);

create unique index keys_active on keys (use, alg) where state = 'active';
create unique index keys_next on keys (use, alg) where state = 'next';

-- +goose Down
drop table keys;
