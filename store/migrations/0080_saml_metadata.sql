-- +goose Up
-- The last good copy of the metadata of each SAML service that is registered with an
-- address, so that a restart needs no host, and one node's fetching serves all. Whoever
-- reads a copy checks its signature. digest is the SHA-256 of data, by which nodes see
-- that it is another one; fetched_at when its host last said that it is current, tag and
-- modified what the host wants to hear when it is asked again. One row a service, of at
-- most a megabyte: it grows with the register and not with time.
create table saml_metadata (
    address text not null,
    entity_id text not null,
    digest text not null,
    fetched_at bigint not null,
    tag text not null,
    modified text not null,
    data bytea not null,
    primary key (address, entity_id)
);

-- +goose Down
drop table saml_metadata;
