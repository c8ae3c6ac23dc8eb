-- +goose Up
-- A PIN may be shown in the Cl@ve app instead of going out by SMS. app holds it, sealed,
-- with the relying party; null when it went by SMS, and again when it was used or voided.
-- way outlives it, because it is part of what was proven; null is an SMS.
alter table pin_challenges add column way text;
alter table pin_challenges add column app bytea;
create index pin_challenges_app on pin_challenges (person_id) where app is not null;

-- +goose Down
drop index pin_challenges_app;
alter table pin_challenges drop column app;
alter table pin_challenges drop column way;
