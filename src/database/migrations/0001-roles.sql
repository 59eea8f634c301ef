-- The application works as purser_app, which owns nothing and may do only what a migration grants it by name.
do $$
begin
  if to_regrole('purser_app') is null then
    create role purser_app nologin;
  end if;
exception
  -- Roles belong to the whole server: another database of it may be migrated at this moment.
  when duplicate_object or unique_violation then null;
  when insufficient_privilege then
    raise exception 'The login of PURSER_DATABASE_URL may not make roles. As an administrator run: create role purser_app nologin; grant purser_app to %;', current_user;
end
$$;

do $$
begin
  if not pg_has_role(current_user, 'purser_app', 'member') then
    execute format('grant purser_app to %I', current_user);
  end if;
exception
  when insufficient_privilege then
    raise exception 'The login of PURSER_DATABASE_URL is not a member of purser_app. As an administrator run: grant purser_app to %;', current_user;
end
$$;

-- PostgreSQL lets everybody call new functions; here too a grant by name is needed.
alter default privileges revoke execute on functions from public;

grant usage on schema public to purser_app;
