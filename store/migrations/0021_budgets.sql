-- +goose Up
-- Counts of all nodes in windows of time, such as messages an hour to a country. Nodes
-- add to them about once a second, never inside a login's transaction.
create table budgets (
    key text not null,
    window_start bigint not null,
    ends_at bigint not null,
    count bigint not null,
    primary key (key, window_start)
);

create index budgets_end on budgets (ends_at);

-- +goose Down
drop table budgets;
