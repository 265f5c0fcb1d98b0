-- Begins a transaction of one tenant: takes its role, names it to the policies (both until the end of the transaction), takes its lock.
-- One statement, so that row-level security costs none of its own. plpgsql, because its steps run in order.
CREATE FUNCTION "lockstep_lock"("tenant" text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('role', 'lockstep_app', true), set_config('lockstep.tenant', tenant, true);
	PERFORM FROM tenants WHERE tenant_id = tenant FOR UPDATE;
	IF FOUND THEN
		RETURN true;
	END IF;
	-- There is no row yet: a number made of the id stands in for it. Whoever had to wait for that number looks again.
	PERFORM pg_advisory_xact_lock(hashtextextended(tenant, 0));
	PERFORM FROM tenants WHERE tenant_id = tenant FOR UPDATE;
	RETURN FOUND;
END $$;
