-- +goose Up
-- When a page told the citizen last that the password ends soon: once a day at most.
alter table passwords add column told_at bigint;

-- +goose Down
alter table passwords drop column told_at;
