-- +goose Up
-- How long a session lasts is a setting now, so that the row says when it ends for
-- want of use; expires_at says the rest. Sessions from before get what was fixed
-- then, an hour.
alter table sessions add column idle_ends_at bigint not null default 0;
update sessions set idle_ends_at = seen_at + 3600000000;

-- +goose Down
alter table sessions drop column idle_ends_at;
