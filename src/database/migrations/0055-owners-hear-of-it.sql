-- Owners are told of what they did with their account themselves, and a freeze ends sessions.
alter table person_message drop constraint person_message_template_check;
alter table person_message add constraint person_message_template_check check (
  template in ('pin_was_reset', 'account_frozen', 'account_frozen_by_law', 'account_frozen_by_you', 'account_lifted',
    'account_lifted_by_you', 'account_partly_lifted', 'account_closed', 'account_reopened'));
alter table session drop constraint session_end_reason_check;
alter table session add constraint session_end_reason_check check (
  end_reason in ('signed_out', 'signed_out_elsewhere', 'replaced', 'secret_changed', 'account_frozen', 'visit_over'));
