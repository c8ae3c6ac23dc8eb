-- +goose Up
-- Registration offices, as the last file said: the directory is replaced as a
-- whole. Nothing in it is personal.
create table offices (
    code text not null primary key,
    name text not null,
    address text not null,
    postal_code text not null,
    city text not null,
    province text not null,
    hours text not null,
    services text not null,
    appointment text not null,
    latitude text not null,
    longitude text not null
);

-- Which directory it is. Its one row is also the lock that lets one replacement
-- work at a time; nodes that keep the offices in memory look at the version.
create table office_import (
    one integer not null primary key check (one = 1),
    version bigint not null,
    imported_at bigint
);

insert into office_import (one, version)
values (1, 0);

-- +goose Down
drop table office_import;
drop table offices;
