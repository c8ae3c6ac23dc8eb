-- +goose Up
-- A message goes from the transaction that sends it to its node's deliverer in
-- memory, and its row is deleted when it was handed over and no receipt will come:
-- so it is written to as few indexes as can be. A newer message takes the row of the
-- one that it replaces, which needs the key to be unique among what waits.
update outbox
set state = 'superseded', sealed = null
where state = 'waiting' and replaces is not null and exists (
    select 1
    from outbox newer
    where newer.replaces = outbox.replaces and newer.state = 'waiting'
        and (newer.created_at, newer.id) > (outbox.created_at, outbox.id));

drop index outbox_replaces;
create unique index outbox_replaces on outbox (replaces) where state = 'waiting' and replaces is not null;

-- What expired unsent is found among what waits, which is little.
drop index outbox_expiry;

-- What may be deleted does not wait any more.
drop index outbox_sweep;
create index outbox_sweep on outbox (sweep_at) where state <> 'waiting';

-- +goose Down
drop index outbox_sweep;
create index outbox_sweep on outbox (sweep_at);
create index outbox_expiry on outbox (expires_at) where state = 'waiting';
drop index outbox_replaces;
create index outbox_replaces on outbox (replaces) where state = 'waiting' and replaces is not null;
