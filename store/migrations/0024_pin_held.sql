-- +goose Up
-- Rows without counts were made only to be held. What is held now is there anyway: the
-- count of messages to the phone, which a challenge names (null before the first
-- PIN of this release).
alter table pin_challenges add column phone_subject text;
delete from pin_tallies where length(times) = 0;

-- +goose Down
alter table pin_challenges drop column phone_subject;
