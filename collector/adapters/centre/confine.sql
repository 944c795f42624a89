-- In a transaction that speaks for one site (copier_fleet.site) no row of another can be read or
-- written, whatever the program does; elsewhere the setting is empty and nothing is held back. Run at
-- every start: a table that a later release brings is confined as well.
DO $$
DECLARE
    whole TEXT;
    own TEXT;
    free TEXT := 'coalesce(current_setting(''copier_fleet.site'', true), '''') = ''''';
BEGIN
    FOR whole, own IN
        SELECT t.relname,
            CASE t.relname WHEN 'sites' THEN 'name = current_setting(''copier_fleet.site'', true)'
            ELSE 'site = (SELECT s.site FROM ledger.sites s'
                || ' WHERE s.name = current_setting(''copier_fleet.site'', true))' END
        FROM pg_class t
        JOIN pg_namespace n ON n.oid = t.relnamespace
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attname = 'site' AND NOT a.attisdropped
        WHERE n.nspname = 'ledger' AND t.relkind IN ('r', 'p') AND NOT t.relispartition
        AND NOT t.relrowsecurity
    LOOP
        EXECUTE format('ALTER TABLE ledger.%I ENABLE ROW LEVEL SECURITY', whole);
        EXECUTE format('ALTER TABLE ledger.%I FORCE ROW LEVEL SECURITY', whole);
        EXECUTE format('CREATE POLICY one_site ON ledger.%I USING (%s OR %s)', whole, free, own);
    END LOOP;
END $$;
