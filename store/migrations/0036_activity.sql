-- +goose Up
-- A citizen's own logins, for "My activity".
create index audit_events_activity on audit_events (person, at, id) where kind = 'login_finished';

-- +goose Down
drop index audit_events_activity;
