-- +goose Up
-- When the population register was imported last. Its one row is also the lock
-- that lets one import work at a time: two files merged at once could lock each
-- other's rows in different order.
create table census_import (
    one integer not null primary key check (one = 1),
    imported_at bigint,
    imported bigint not null,
    replaced bigint not null
);

insert into census_import (one, imported, replaced)
values (1, 0, 0);

-- +goose Down
drop table census_import;
