-- +goose Up
-- What this installation is. One row. kind is null until `clave dev` (sandbox) or
-- `clave serve` (service) has used the database, and then says which registrations
-- of relying parties are allowed. registry_revision counts their changes: a change
-- is made only to the revision that it was prepared for, and nodes watch it.
create table installation (
    only_row bigint not null primary key check (only_row = 1),
    kind text check (kind in ('sandbox', 'service')),
    registry_revision bigint not null
);

insert into installation (only_row, registry_revision) values (1, 0);

-- Relying parties, each as canonical JSON. One that was removed stays, because its
-- sector stays taken: citizens' pairwise subjects hang on it.
create table relying_parties (
    id text not null primary key,
    sector text not null,
    document text not null,
    changed_at bigint not null,
    removed_at bigint
);

-- +goose Down
drop table relying_parties;
drop table installation;
