-- +goose Up
-- The last good copy of the trusted list of each address that was ever configured, so
-- that a restart needs nobody, and one node's fetching serves all. The copy is signed,
-- and whoever reads it checks that. sequence and issued_at are those of the list,
-- fetched_at when its host last said that it is current, tag and modified what the
-- host wants to hear when it is asked again. One row an installation, usually: it does
-- not grow.
create table trusted_lists (
    address text not null primary key,
    sequence bigint not null check (sequence > 0),
    issued_at bigint not null,
    fetched_at bigint not null,
    tag text not null,
    modified text not null,
    data bytea not null
);

-- +goose Down
drop table trusted_lists;
